"""A platform's rate limits, kept on our side: what shares a limit draws from one allowance."""

from collections import deque


class Allowance:
    """So many calls within any window of so many seconds. Times come from the caller's monotonic clock."""

    def __init__(self, count: int, *, window: float = 60.0) -> None:
        self._count = count
        self._window = window
        self._taken: deque[float] = deque()
        self._closed_until = 0.0

    def take(self, now: float) -> bool:
        """Use one call now, if one is left."""
        while self._taken and now - self._taken[0] >= self._window:
            self._taken.popleft()
        if now < self._closed_until or len(self._taken) >= self._count:
            return False
        self._taken.append(now)
        return True

    def close(self, now: float, seconds: float) -> None:
        """The platform said no: nothing more for so long."""
        self._closed_until = max(self._closed_until, now + seconds)
