"""What is left alone for a while, because a platform asked for patience."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from runtime.records import ConversationRef, Delivery

_LONGEST = 3600.0  # seconds
_LONGEST_FLOOR = 30.0  # the same; a platform that says "at once" again and again is asked no more often in the end


class _Hold(Struct, frozen=True):
    """A clock that is set back to before it began ends it."""

    began: datetime
    until: datetime

    def left(self, at: datetime) -> timedelta:
        return self.until - at if self.began <= at < self.until else timedelta(0)


class Holds:
    """No platform says whether it has enough of one channel or of us. So a "not now" holds back its channel, and a second
    channel's, while the first is held, the whole platform.

    Kept in memory: whoever starts anew learns it again for one "not now".
    """

    def __init__(self) -> None:
        self._holds: dict[tuple[str, ...], _Hold] = {}
        self._in_a_row: dict[tuple[str, ...], int] = {}

    def refused(self, where: ConversationRef, at: datetime, seconds: float | None) -> None:
        """The platform said "not now": for as long as it asks, and for 1, 2, 4 … seconds at least."""
        channel, platform = _channel(where), (where.platform,)
        times = self._in_a_row[channel] = self._in_a_row.get(channel, 0) + 1
        floor = min(2.0 ** min(times - 1, 10), _LONGEST_FLOOR)
        hold = _Hold(at, at + timedelta(seconds=min(max(seconds or 0.0, floor), _LONGEST)))
        others = [key for key in self._holds if key[:1] == platform and key not in (channel, platform)]
        if any(self._holds[other].left(at) for other in others):
            self._holds[platform] = max(hold, self._holds.get(platform, hold), key=lambda each: each.left(at))
        self._holds[channel] = hold

    def taken(self, where: ConversationRef) -> None:
        """The platform took something there."""
        channel = _channel(where)
        self._holds.pop(channel, None)
        self._in_a_row.pop(channel, None)

    def left(self, where: ConversationRef, at: datetime) -> timedelta:
        """For how long nothing is to be sent there; zero where it can be."""
        held = (self._holds.get(key) for key in (_channel(where), (where.platform,)))
        return max((hold.left(at) for hold in held if hold is not None), default=timedelta(0))


def place_of(delivery: Delivery) -> ConversationRef:
    """Where it goes; to a person alone whose conversation is not known yet, their own place and nobody else's."""
    return delivery.where if delivery.where.channel else replace(delivery.where, channel=str(delivery.person))


def _channel(where: ConversationRef) -> tuple[str, ...]:
    return (where.platform, where.space, where.channel)
