"""Reading what was said while nobody was here."""

import asyncio
import logging
from datetime import datetime

from runtime.door import Door
from runtime.errors import PlatformError
from runtime.ports import Platform, Seen

_PAUSES = (5.0, 30.0, 120.0, 600.0)

log = logging.getLogger(__name__)


async def catch_up(platform: Platform, door: Door, seen: tuple[Seen, ...], since: datetime) -> None:
    """Bring it to the door; where the platform does not let us read it, try a few times more."""
    for pause in _PAUSES:
        try:
            async for message in platform.catch_up(seen, since):
                await door.receive(message, missed=True)
        except PlatformError as error:
            log.warning("%s: what was said while I was away cannot be read yet: %s", platform.name, error)
            await asyncio.sleep(pause)
        else:
            await door.end_catching_up(platform.name)
            return
