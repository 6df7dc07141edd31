"""Faults on purpose: rate limits, dropped connections, calls that fail or are held. What each of them does to an
answer is the loopback's, and so are troubles that one platform alone knows."""

import asyncio
from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

from tests.fakes.pulse import Pulse
from tests.fakes.record import Call

When = Literal["before", "after"]


class Trouble:
    """What goes wrong."""


class RateLimited(Struct, Trouble, frozen=True):
    retry_after: float


class Status(Struct, Trouble, frozen=True):
    """A bare HTTP status, with or without the call having been processed."""

    code: int


class Dropped(Struct, Trouble, frozen=True):
    """The connection breaks without an answer."""


class Held(Struct, Trouble, frozen=True):
    """No answer until somebody opens the gate."""


class Fault(Struct, eq=False):
    """One trouble, for some calls of one method, some number of times. `lift` ends it."""

    method: str
    trouble: Trouble
    when: When = "before"
    left: int | None = None
    matches: Callable[[Call], bool] = lambda call: True
    pulse: Pulse = field(default_factory=Pulse)
    hits: list[Call] = field(default_factory=list)
    discarded: bool = False
    _gate: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, call: Call) -> bool:
        """Whether this call is hit; it then counts as one of the times."""
        if self.left == 0 or self.method not in ("*", call.method) or not self.matches(call):
            return False
        if self.left is not None:
            self.left -= 1
        self.hits.append(call)
        self.pulse.beat()
        return True

    def lift(self) -> None:
        """No further call is hit, and held ones go on."""
        self.left = 0
        self.release()

    def release(self) -> None:
        """Let the held calls go on."""
        self._gate.set()
        self._gate = asyncio.Event()

    def discard(self) -> None:
        """Let the held calls end without ever having been processed: the connection breaks."""
        self.discarded = True
        self.lift()

    async def arrived(self, count: int = 1, *, timeout: float = 5.0) -> Call:
        """The call, once that many have been hit."""
        await self.pulse.until(
            lambda: len(self.hits) >= count,
            timeout=timeout,
            explain=lambda: f"{self.method} was hit {len(self.hits)} times",
        )
        return self.hits[count - 1]

    async def wait_at_gate(self) -> None:
        await self._gate.wait()


class Faults:
    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._faults: list[Fault] = []

    def add(
        self,
        method: str,
        trouble: Trouble,
        *,
        when: When = "before",
        times: int | None = 1,
        matches: Callable[[Call], bool] = lambda call: True,
    ) -> Fault:
        fault = Fault(method=method, trouble=trouble, when=when, left=times, matches=matches, pulse=self._pulse)
        self._faults.append(fault)
        return fault

    def hitting(self, call: Call) -> Fault | None:
        return next((fault for fault in self._faults if fault.takes(call)), None)

    def lift_all(self) -> None:
        for fault in self._faults:
            fault.lift()
