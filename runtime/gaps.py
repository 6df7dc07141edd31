"""What a lost connection leaves behind: read once it stands again, and with it what is lost while that is read."""

import asyncio
from functools import partial

from runtime.chores import Chores
from runtime.door import Door
from runtime.missed import Read, bring_in
from runtime.steadiness import insist


class Gaps:
    """One for each connection. From the first loss until all is read, live messages leave the bound."""

    def __init__(self, platform: str, door: Door, chores: Chores) -> None:
        self._platform = platform
        self._door = door
        self._chores = chores
        self._read: Read | None = None
        self._losses = 0
        self._may_read = asyncio.Event()
        self._filling = False

    def begin(self, read: Read) -> None:
        """Something may have been lost. `read` finds it, and all that is lost later as well; while a gap is open its own
        does that."""
        self._losses += 1
        self._may_read.clear()
        if self._read is None:
            self._read = read
            self._door.begin_catching_up(self._platform)

    def fill(self) -> None:
        """It can be read now."""
        self._may_read.set()
        if self._read is not None and not self._filling:
            self._filling = True
            self._chores.spawn(self._fill(), "fill a gap", endless=True)

    async def _fill(self) -> None:
        try:
            while self._read is not None:
                await self._may_read.wait()
                losses = self._losses
                await bring_in(self._platform, self._read, self._door)
                if self._losses == losses:
                    self._read = None
                    await insist(partial(self._door.end_catching_up, self._platform))
        finally:
            self._filling = False
