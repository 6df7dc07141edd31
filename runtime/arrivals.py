"""Messages on their way into the record: none is forgotten, and none is read before what it follows."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from msgspec import Struct, field

from runtime.errors import StorageError
from runtime.records import ConversationRef, IncomingMessage

_KEPT = 10_000  # where the platform never lets us catch up, talk among people must not fill the memory

_Key: TypeAlias = tuple[str, str, str]


class _Arrival(Struct, eq=False, kw_only=True):
    where: ConversationRef
    addressed: bool
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Arrivals:
    """Knows what comes in, by platform and in order, and who catches up with what was missed.

    The bound is where catching up starts. It must not move past anything that a crash would leave unrecorded, and while
    somebody catches up it stands still for everything (`runtime/bounds.py`).
    """

    def __init__(self) -> None:
        self._behind: Counter[str] = Counter()
        self._coming: defaultdict[str, dict[_Key, _Arrival]] = defaultdict(dict)
        self._kept: defaultdict[str, deque[IncomingMessage]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def begin_catching_up(self, platform: str) -> None:
        self._behind[platform] += 1

    def end_catching_up(self, platform: str) -> None:
        self._behind[platform] -= 1

    @contextmanager
    def coming_in(self, message: IncomingMessage) -> Iterator[None]:
        """While the block lasts. One that could not be recorded stays on its way until it comes again and is; one that
        nothing could be done with is over: it would fail whoever catches up in the same way."""
        coming, key = self._coming[message.where.platform], _key(message)
        if key not in coming or coming[key].ended.is_set():
            coming[key] = _Arrival(where=message.where, addressed=message.addressed)
        arrival = coming[key]
        is_over = True
        try:
            yield
        except (StorageError, asyncio.CancelledError):
            is_over = False
            raise
        finally:
            if is_over:
                coming.pop(key, None)
            arrival.ended.set()

    def may_move_bound(self, message: IncomingMessage) -> bool:
        """Nobody catches up now, and nothing that came in before this message is still on its way."""
        platform = message.where.platform
        return not self._behind[platform] and next(iter(self._coming[platform]), _key(message)) == _key(message)

    def are_behind(self, platform: str) -> bool:
        """Somebody catches up now."""
        return bool(self._behind[platform])

    def are_all_in(self, platform: str) -> bool:
        """Nobody catches up now, and nothing is on its way."""
        return not self._behind[platform] and not self._coming[platform]

    async def until_what_it_follows(self, message: IncomingMessage) -> None:
        """Return once all that came in before, and was said to Mallard in the same conversation, has been recorded."""
        own = _key(message)
        for key, arrival in list(self._coming[message.where.platform].items()):
            if key == own:
                return
            if arrival.addressed and arrival.where == message.where:
                await arrival.ended.wait()

    def keep(self, message: IncomingMessage) -> None:
        """Said to nobody whom the record knows of: what it follows may still be caught up."""
        if self._behind[message.where.platform]:
            self._kept[message.where.platform].append(message)

    def kept(self, platform: str) -> Iterator[IncomingMessage]:
        """What was kept, once nobody else catches up, in order. Each stays kept until the next is asked for."""
        kept = self._kept[platform]
        while kept and self._behind[platform] == 1:
            yield (message := kept[0])
            if kept and kept[0] is message:
                kept.popleft()


def _key(message: IncomingMessage) -> _Key:
    return (message.where.space, message.where.channel, message.id)
