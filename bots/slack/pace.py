"""Slack's rate limits are per method and workspace: all conversations draw from one allowance."""

from collections import deque


class Allowance:
    """So many calls within any minute. Times come from the caller's monotonic clock."""

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
        """Slack said no: nothing more for so long."""
        self._closed_until = max(self._closed_until, now + seconds)
