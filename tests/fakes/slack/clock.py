"""The loopback's time: real by default, and a test may move it forward."""

import time
from collections.abc import Callable


class Clock:
    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._ahead = 0.0
        self._last_micros = 0

    def now(self) -> float:
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def timestamp(self) -> str:
        """A `ts` as Slack writes it; never the same one twice, always later than the last."""
        self._last_micros = max(self._last_micros + 1, int(self.now() * 1_000_000))
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"
