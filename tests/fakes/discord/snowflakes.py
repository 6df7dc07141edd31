"""Ids as Discord makes them: the time in milliseconds, and a number that only grows."""

from tests.fakes.clock import Clock

EPOCH = 1_420_070_400_000  # the first second of 2015, in milliseconds
_TIME_SHIFT = 22


class Snowflakes:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> str:
        """One that was never given before, larger than every one before."""
        now = int(self._clock.now() * 1000) - EPOCH
        self._last = max(self._last + 1, now << _TIME_SHIFT)
        return str(self._last)


def born(snowflake: str) -> float:
    """When it was made, in seconds since 1970."""
    return ((int(snowflake) >> _TIME_SHIFT) + EPOCH) / 1000
