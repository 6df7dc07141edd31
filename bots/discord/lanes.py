"""Work that keeps its order within a lane, and goes on side by side across lanes."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable

from runtime.chores import Chores

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]


class Lanes:
    """A lane is there for as long as something waits in it."""

    def __init__(self, chores: Chores) -> None:
        self._chores = chores
        self._waiting: dict[int, deque[Work]] = {}

    def put(self, lane: int, work: Work) -> None:
        """Begun at once where the lane is empty. What fails is logged, and holds up nothing behind it."""
        if lane in self._waiting:
            self._waiting[lane].append(work)
            return
        self._waiting[lane] = deque([work])
        self._chores.spawn(self._go_through(lane), f"lane {lane}")

    async def _go_through(self, lane: int) -> None:
        waiting = self._waiting[lane]
        try:
            while waiting:
                try:
                    await waiting.popleft()()
                except Exception:
                    log.exception("something in lane %d failed", lane)
        finally:
            del self._waiting[lane]
