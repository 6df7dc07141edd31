"""Rate limits: so many calls of a route for each channel within a window, and so many of all in a second."""

import time
from collections import deque
from collections.abc import Mapping

from msgspec import Struct, field

LIMITS: dict[str, tuple[int, float]] = {  # calls, and the window as a share of `Buckets.window`
    "create": (5, 1.0),
    "edit": (5, 1.0),
    "delete": (5, 0.2),
    "read": (5, 1.0),
    "read-one": (5, 1.0),
    "thread": (10, 1.0),
    "typing": (5, 1.0),
    "channel": (10, 2.0),
    "guild": (10, 1.0),
    "members": (10, 1.0),
    "active-threads": (10, 1.0),
    "thread-members": (10, 1.0),
    "follow-up": (5, 0.4),
    "follow-up-read": (5, 0.4),
    "follow-up-edit": (5, 0.4),
    "follow-up-delete": (5, 0.4),
    "commands": (10, 1.0),
}
_MAJOR = ("channel", "guild", "token")
DISCORDS_WINDOW = 5.0


class Bucket(Struct, eq=False):
    limit: int
    length: float
    ends: float = 0.0
    used: int = 0
    began: float = 0.0

    def take(self, now: float) -> bool:
        if now >= self.ends:
            self.ends, self.used, self.began = now + self.length, 0, now
        self.used += 1
        return self.used <= self.limit


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether a call may go on, what its answer's headers say, and whether the caller could have known better."""

    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    is_global: bool = False
    foreseeable: bool = False


class Buckets:
    """Real time, as the library's own. `window` is short here, lest tests wait; Discord's is `DISCORDS_WINDOW`."""

    def __init__(self) -> None:
        self.window = 0.05
        self.most_in_a_second = 50
        self.exceeded: list[str] = []
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._all: deque[float] = deque()
        self._stranger_since = 0.0

    def forget_caller(self) -> None:
        """A new process knows nothing of the windows that are open."""
        self._stranger_since = time.monotonic()

    def judge(self, method: str, bucket: str, path: Mapping[str, str], *, counts: bool) -> Verdict:
        now = time.monotonic()
        if counts and self._too_many_at_all(now):
            self.exceeded.append("global")
            return Verdict(
                headers={"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"},
                retry_after=max(0.001, self._all[0] + 1.0 - now),
                is_global=True,
            )
        if bucket not in LIMITS:
            return Verdict()
        major = "+".join(path[name] for name in _MAJOR if name in path)
        limit, share = LIMITS[bucket]
        found = self._buckets.setdefault((bucket, major), Bucket(limit, share * self.window))
        found.limit, found.length = limit, share * self.window
        allowed = found.take(now)
        left = max(0.0, found.ends - now)
        headers = {
            "X-RateLimit-Bucket": f"{bucket:-<32}",
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - found.used)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
        }
        if allowed:
            return Verdict(headers=headers)
        self.exceeded.append(method)
        scope = {"X-RateLimit-Scope": "user"}
        return Verdict(headers=headers | scope, retry_after=left, foreseeable=found.began > self._stranger_since)

    def _too_many_at_all(self, now: float) -> bool:
        while self._all and now - self._all[0] >= 1.0:
            self._all.popleft()
        self._all.append(now)
        if len(self._all) <= self.most_in_a_second:
            return False
        self._all.pop()
        return True
