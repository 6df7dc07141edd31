"""Where a process can die: every commit, and every await that touches the world, has a name.

A process passes its points in some order and writes each down. One of them may be its last.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.crashes.trial import Fate

_OF_EVERY_RUN = (
    "hearing a message",
    "the commit of receive",
    "asking the action model",
    "the commit of record_step",
    "the commit of finish",
)
_OF_A_CARD = ("posting a Card", "the commit of settle_sent", "a click", "the commit of settle", "editing to a Card")
_OF_A_DEED = ("the deed begins", "the deed is done", "the deed returns")
_OF_A_STREAM = (
    "clearing the signs of work",
    "beginning to show the answer",
    "showing more of the answer",
    "making the answer exact",
)


class Points:
    """Names each point that is passed, writes it to `journal`, and kills the process at the one that fate names."""

    def __init__(self, fate: Fate, journal: Path) -> None:
        self._fate = fate
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._seen: Counter[str] = Counter()
        self._count = 0
        self._lock = threading.Lock()  # commits are passed in the storage's thread
        self.heard: Callable[[], None] = lambda: None

    def passed(self, name: str) -> None:
        """The same name is told apart by how often it was passed before."""
        with self._lock:
            self._count += 1
            self._seen[name] += 1
            numbered = f"{name} ({self._seen[name]})"
            os.write(self._journal, f"{numbered}\n".encode())
            if numbered == self._fate.dies_at or self._count == self._fate.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()

    @asynccontextmanager
    async def around(self, name: str) -> AsyncIterator[None]:
        """The points right before and right after something happens in the world."""
        self.passed(f"before {name}")
        yield
        self.passed(f"after {name}")


def read_journal(journal: Path) -> tuple[str, ...]:
    """The points that a process passed, in order; where it was killed, the last is where."""
    return tuple(journal.read_text().splitlines())


def check_complete(points: Sequence[str], *, gated: bool = True, acts: bool = True, streams: bool = True) -> None:
    """An enumeration that lost its points would find nothing broken: this one has all that such a run must pass."""
    around = [*_OF_EVERY_RUN, *(_OF_A_CARD if gated else ()), *(_OF_A_STREAM if streams else ())]
    wanted = {f"{side} {name} (1)" for name in around for side in ("before", "after")}
    wanted |= {f"{name} (1)" for name in _OF_A_DEED if acts} | {"before asking the thinker model (1)"}
    assert wanted <= set(points), f"never passed: {sorted(wanted - set(points))}"
