"""What an operator chose about one server."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from runtime.records import Risk

_SECRET_NAME = re.compile(r"TOKEN|KEY|SECRET|PASS|AUTH|CREDENTIAL|COOKIE", re.IGNORECASE)
_SECRET_LOOKS = re.compile(r"://[^/\s]*:[^/\s]*@")  # an address with a password in it
_LEAST_SECRET = 6  # characters; shorter ones would be masked everywhere by chance


class Trust(StrEnum):
    """Whether what a server says of its tools counts. By default it is shown to people, and changes nothing."""

    NONE = "none"
    HINTS = "hints"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """A server behind a `command` or a `url`. Its environment is `env`, PATH, HOME and LANG, and nothing else.

    `tools` leaves out every other tool. `read_only` and `risks` are the operator's word on single tools, by name or by
    name and version (`read@1a2b3c4d`).
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

    def vouches_for(self, entries: Collection[str], tool: str, version: str) -> str | None:
        """The entry that means this tool in this version."""
        return next((entry for entry in entries if _means(entry, tool, version)), None)

    def names(self, tool: str) -> bool:
        """Whether the operator has said anything of this tool, in whatever version."""
        return any(entry.partition("@")[0] == tool for entry in (*self.read_only, *self.risks))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be repeated nowhere: every header, and what of the environment is secret by its name or its looks."""
        named = [value for name, value in self.env.items() if _SECRET_NAME.search(name) or _SECRET_LOOKS.search(value)]
        parts = [part for value in (*self.headers.values(), *named) for part in (value, *value.split())]
        return tuple(part for part in parts if len(part) >= _LEAST_SECRET)


def _means(entry: str, tool: str, version: str) -> bool:
    name, at, pinned = entry.partition("@")
    return name == tool and (not at or version.startswith(pinned))
