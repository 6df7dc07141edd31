"""Slack tries again for a few minutes what a lost connection kept from us, and then gives up: so it is read.

That is done after every reconnection, a planned one as well: the library closes the old socket before it opens the new
one, and nobody knows for how long, or what Slack took to be delivered.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from bots.slack.catchup import CatchUp
from bots.slack.inbound import PLATFORM
from runtime.door import Door
from runtime.gaps import Gaps
from runtime.records import IncomingMessage


class Outages:
    """From `began` on, live messages leave the bound. The history is read from what was heard last; where
    nothing was, from the bound. `start` is when we were started: what was said before is read by whoever started us."""

    def __init__(self, gaps: Gaps, door: Door, catch_up: CatchUp, *, start: datetime) -> None:
        self._gaps = gaps
        self._door = door
        self._catch_up = catch_up
        self._start = start
        self._connections = 0
        self._newest = 0.0

    def heard(self, ts: str) -> None:
        """A message came in live, whosever it is."""
        self._newest = max(self._newest, float(ts))

    def began(self) -> None:
        """The connection is away, or was not there at the start."""
        self._gaps.begin(partial(self._missed, self._newest))

    def ended(self) -> None:
        """A connection stands. What it brings comes after this."""
        self._connections += 1
        if self._connections > 1:
            self.began()
        self._gaps.fill()

    def _missed(self, heard_until: float) -> AsyncIterator[IncomingMessage]:
        return self._catch_up.messages(self._door.list_seen(PLATFORM), self._start, heard_until=heard_until)
