"""Slack's time, which is also the name of what happens in it."""

import time
from collections.abc import Callable

from tests.fakes import clock


class Clock(clock.Clock):
    def __init__(self, source: Callable[[], float] = time.time) -> None:
        super().__init__(source)
        self._last_micros = 0

    def timestamp(self) -> str:
        """A `ts` as Slack writes it; never the same one twice, always later than the last."""
        self._last_micros = max(self._last_micros + 1, int(self.now() * 1_000_000))
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"
