"""Reading what was said while nobody was here."""

from datetime import datetime
from functools import partial

from runtime.door import Door
from runtime.missed import PAUSES, bring_in
from runtime.ports import Platform, Seen
from runtime.steadiness import insist


async def catch_up(
    platform: Platform, door: Door, seen: tuple[Seen, ...], since: datetime, *, pauses: tuple[float, ...] = PAUSES
) -> None:
    """Bring it to the door, however often that takes: only then live messages move the bound again."""
    await bring_in(platform.name, partial(platform.catch_up, seen, since), door, pauses=pauses)
    await insist(partial(door.end_catching_up, platform.name))
