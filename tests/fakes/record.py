"""What happened: every call, every breach, every lapse; and the capture of all traffic, if one is wanted."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

Json = dict[str, Any]


Capture = Callable[[str, str, Any], None]  # direction, method, body


class Call(Struct, frozen=True, kw_only=True):
    """One request of the app, as it arrived; its token is left out. `method` is the platform's name for it."""

    number: int
    method: str
    arguments: Mapping[str, Any]
    at: float

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.arguments.get(name, default)


class Violation(Struct, frozen=True, kw_only=True):
    method: str
    error: str
    detail: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method}: {self.error}: {self.detail} in {json.dumps(dict(self.arguments))[:600]}"


class Record(Struct, eq=False):
    """`violations` are what only a wrong app does; `lapses` what the platform takes and a careful app avoids."""

    capture: Capture | None = None
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[Call, Json]] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    lapses: list[str] = field(default_factory=list)

    def received(self, method: str, arguments: Json, at: float, *, body: Any = None) -> Call:
        """`body` is what came over the wire where that is not just the arguments."""
        call = Call(number=len(self.calls) + 1, method=method, arguments=arguments, at=at)
        self.calls.append(call)
        if self.capture is not None:
            self.capture("in", method, arguments if body is None else body)
        return call

    def sent(self, method: str, body: Any) -> None:
        if self.capture is not None:
            self.capture("out", method, body)

    def violation(self, method: str, error: str, detail: str, arguments: Mapping[str, Any] | None = None) -> None:
        self.violations.append(Violation(method=method, error=error, detail=detail, arguments=arguments or {}))

    def lapse(self, method: str, what: str) -> None:
        self.lapses.append(f"{method}: {what}")

    def calls_of(self, method: str, **arguments: Any) -> list[Call]:
        return [
            call
            for call in self.calls
            if call.method == method and all(call.get(name) == value for name, value in arguments.items())
        ]

    def busiest(self, method: str, *, seconds: float, key: Callable[[Call], Any] = lambda call: None) -> int:
        """The most calls of a method within any window of that length, per `key` (a message, a channel)."""
        calls = self.calls_of(method)
        starts: Counter[tuple[int, Any]] = Counter()
        for number, first in enumerate(calls):
            for call in calls[number:]:
                if call.at - first.at < seconds and key(call) == key(first):
                    starts[number, key(first)] += 1
        return max(starts.values(), default=0)
