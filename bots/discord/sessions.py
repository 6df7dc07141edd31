"""A session that continues none leaves a gap: Discord does not send again what was said meanwhile, so it is read."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from runtime.gaps import Gaps
from runtime.records import IncomingMessage

_MARGIN = 60_000 << 22  # a minute of ids: servers do not tell their news in one order


class Sessions:
    """`since` reads everything after an id. Hearing a message twice is hearing it once, so more than the gap is read."""

    def __init__(self, gaps: Gaps, since: Callable[[int], AsyncIterator[IncomingMessage]], *, start: int) -> None:
        self._gaps = gaps
        self._since = since
        self._newest = start
        self._began = False

    def heard(self, message: int) -> None:
        """A message came in live, whosever it is."""
        self._newest = max(self._newest, message)

    def session_began(self) -> None:
        """What came before the first one is read by whoever started us."""
        if self._began:
            self._gaps.begin(partial(self._since, self._newest - _MARGIN))
        self._began = True

    def ready(self) -> None:
        """Channels are known now, so they can be read."""
        self._gaps.fill()
