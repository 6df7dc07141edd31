"""Slack tries again for a few minutes what a lost connection kept from us, and then gives up: so it is read.

That is done after every reconnection, a planned one as well: the library closes the old socket before it opens the new
one, and nobody knows for how long, or what Slack took to be delivered.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from bots.slack.catchup import CatchUp
from bots.slack.inbound import PLATFORM
from runtime.door import Door
from runtime.gaps import Gaps
from runtime.records import IncomingMessage


class Outages:
    """From `began` on, live messages leave the bound; it is from there that the history is read. `start` is when we were
    started: what was said before that is read by whoever started us."""

    def __init__(self, gaps: Gaps, door: Door, catch_up: CatchUp, *, start: datetime) -> None:
        self._gaps = gaps
        self._door = door
        self._catch_up = catch_up
        self._start = start
        self._connections = 0

    def began(self) -> None:
        """The connection is away, or was not there at the start."""
        self._gaps.begin(self._missed)

    def ended(self) -> None:
        """A connection stands. What it brings comes after this."""
        self._connections += 1
        if self._connections > 1:
            self.began()
        self._gaps.fill()

    def _missed(self) -> AsyncIterator[IncomingMessage]:
        return self._catch_up.messages(self._door.list_seen(PLATFORM), self._start)
