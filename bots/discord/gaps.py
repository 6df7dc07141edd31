"""What was said while the connection was away for too long: Discord does not send it again, so it is read."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial

from bots.discord.places import PLATFORM
from runtime.chores import Chores
from runtime.door import Door
from runtime.errors import PlatformError
from runtime.records import IncomingMessage
from runtime.steadiness import insist

log = logging.getLogger(__name__)

_MARGIN = 60_000 << 22  # a minute of ids: servers do not tell their news in one order
_PAUSES = (5.0, 30.0, 120.0, 600.0)


class Gaps:
    """`since` reads everything after an id. Hearing a message twice is hearing it once, so more than the gap is read."""

    def __init__(
        self, door: Door, since: Callable[[int], AsyncIterator[IncomingMessage]], chores: Chores, *, start: int
    ) -> None:
        self._door = door
        self._since = since
        self._chores = chores
        self._newest = start
        self._floor: int | None = None
        self._sessions = 0
        self._filling = False

    def heard(self, message: int) -> None:
        """A message came in live, whosever it is."""
        self._newest = max(self._newest, message)

    def session_began(self) -> None:
        """A session that continues none: what came before the first one is read by whoever started us."""
        self._sessions += 1
        if self._sessions > 1 and self._floor is None:
            self._floor = self._newest - _MARGIN
            self._door.begin_catching_up(PLATFORM)

    def ready(self) -> None:
        """Channels are known now, so they can be read."""
        if self._floor is not None and not self._filling:
            self._filling = True
            self._chores.spawn(self._fill(), "fill a gap", endless=True)

    async def _fill(self) -> None:
        try:
            for pause in _PAUSES:
                try:
                    await self._read()
                except PlatformError as error:
                    log.warning("Discord: what was said while the connection was lost cannot be read yet: %s", error)
                    await asyncio.sleep(pause)
                else:
                    return
        finally:
            self._filling = False

    async def _read(self) -> None:
        while (floor := self._floor) is not None:
            sessions = self._sessions
            async for message in self._since(floor):
                await insist(partial(self._door.receive, message, missed=True))
            if self._sessions == sessions:  # no other session was lost meanwhile
                self._floor = None
                await insist(partial(self._door.end_catching_up, PLATFORM))
