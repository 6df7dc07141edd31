"""Slack tries again for a few minutes what a lost connection kept from us, and then gives up: so it is read.

In Socket Mode that is done after every reconnection, a planned one as well: the library closes the old socket before it
opens the new one, and nobody knows for how long, or what Slack took to be delivered. Over HTTP we see no loss; but what
Slack had to send again says that something did not reach us, and maybe more than that.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from bots.slack import inbound
from bots.slack.catchup import MARGIN, CatchUp
from runtime.chores import Chores
from runtime.door import Door
from runtime.gaps import Gaps
from runtime.records import IncomingMessage


class Outages:
    """From `began` on, live messages leave the bound. The history is read from what was heard last; where
    nothing was, from the bound. `start` is when we were started: what was said before is read by whoever started us."""

    def __init__(
        self, gaps: Gaps, door: Door, catch_up: CatchUp, chores: Chores, *, start: datetime, retry_pause: float
    ) -> None:
        self._gaps = gaps
        self._door = door
        self._catch_up = catch_up
        self._chores = chores
        self._start = start
        self._retry_pause = retry_pause
        self._connections = 0
        self._heard: deque[float] = deque()  # in order: those of the last minutes, and the newest before them
        self._fills_soon = False

    def heard(self, ts: str) -> None:
        """A message came in live, whosever it is."""
        if float(ts) > self._newest():
            self._heard.append(float(ts))
        while len(self._heard) > 1 and self._heard[1] < self._newest() - MARGIN:
            self._heard.popleft()

    def began(self) -> None:
        """The connection is away, or was not there at the start."""
        self._gaps.begin(partial(self._missed, self._newest()))

    def ended(self) -> None:
        """A connection stands. What it brings comes after this."""
        self._connections += 1
        if self._connections > 1:
            self.began()
        self._gaps.fill()

    def told_again(self, said_at: float) -> None:
        """Slack had to send an event of then again. What came in before it was heard; since then, more may be lost than
        what comes again. Others of its kind are waited for, so that they are one look."""
        before = max((ts for ts in self._heard if ts < said_at), default=float(inbound.ts_of(self._start)))
        self._gaps.begin(partial(self._missed, before))
        if not self._fills_soon:
            self._fills_soon = True
            self._chores.spawn(self._fill_soon(), "wait for what comes again", endless=True)

    async def _fill_soon(self) -> None:
        await asyncio.sleep(self._retry_pause)
        self._fills_soon = False
        self._gaps.fill()

    def _newest(self) -> float:
        return self._heard[-1] if self._heard else 0.0

    def _missed(self, heard_until: float) -> AsyncIterator[IncomingMessage]:
        return self._catch_up.messages(self._door.list_seen(inbound.PLATFORM), self._start, heard_until=heard_until)
