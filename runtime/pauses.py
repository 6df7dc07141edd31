"""How long anything is put off at most, on a clock that may be set back."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

LONGEST_PAUSE = timedelta(minutes=5)
"""No delivery that is to be tried again waits longer. What seems to was put off before the clock was set back, and is due."""

LONGEST_ABSENCE = timedelta(hours=1)
"""The same for runs and afterthoughts: what a model asks for beyond an hour is a mistake, or not worth waiting for."""

_SHORTEST_NAP, _LONGEST_NAP = 0.01, 60.0  # seconds


def doubled(first: float, longest: float) -> Iterator[float]:
    """Seconds between attempts, without end: twice as many each time, up to the longest."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, longest)


def nap(due: datetime, now: datetime) -> float:
    """How long to sleep before looking again whether it is due. A clock that is set wakes nobody, so it is a minute at most."""
    return min(max((due - now).total_seconds(), _SHORTEST_NAP), _LONGEST_NAP)


def seconds_asked(said: object) -> float | None:
    """A platform's "come back in so many seconds". None where it says nothing that can be waited for."""
    try:
        seconds = float(str(said))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
