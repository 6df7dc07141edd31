"""What an operator chose about one server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from runtime.records import Risk

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class Trust(StrEnum):
    """Whether what a server says of its tools counts. By default it is shown to people, and changes nothing."""

    NONE = "none"
    HINTS = "hints"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """A server behind a `command` or a `url`. Its environment is `env`, PATH, HOME and LANG, and nothing else.

    `tools` leaves out every other tool. `read_only` and `risks` are the operator's word on single tools.
    `local_only` says that nothing a tool is given can leave the house. Times are seconds.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: str = "/"
    timeout: float = 60.0
    start_timeout: float = 60.0
    tools: frozenset[str] | None = None
    read_only: frozenset[str] = frozenset()
    risks: Mapping[str, Risk] = field(default_factory=dict)
    trust: Trust = Trust.NONE
    local_only: bool = False

    @property
    def place(self) -> str:
        """Where it is, in a few words without secrets."""
        return self.url if self.url else self.command[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(value for value in (*self.env.values(), *self.headers.values()) if len(value) >= 4)
