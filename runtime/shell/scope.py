"""What is known at one place of a command: where it stands, which variables hold what, what comes down the pipe."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.shell.concerns import Findings
from runtime.shell.words import DIGITS, HOME, UNKNOWN

if TYPE_CHECKING:
    from runtime.shell.grammar import Node
    from runtime.shell.ground import Ground
    from runtime.shell.rules import CommandRules

_MOST_VALUES = 24
# What bash or the executor sets, and what is no secret.
_PUBLIC = {
    "HOME": HOME, "?": "0", "#": "0", "$": DIGITS, "0": "bash", "@": "", "*": "", "LINENO": DIGITS, "RANDOM": DIGITS,
    "SECONDS": DIGITS, "UID": DIGITS, "EUID": DIGITS, "PPID": DIGITS, "BASHPID": DIGITS, "COLUMNS": DIGITS,
    "USER": UNKNOWN, "LOGNAME": UNKNOWN, "SHELL": UNKNOWN, "LANG": UNKNOWN, "HOSTNAME": UNKNOWN, "PATH": UNKNOWN,
    "OSTYPE": UNKNOWN, "HOSTTYPE": UNKNOWN, "MACHTYPE": UNKNOWN, "BASH_VERSION": UNKNOWN, "TERM": UNKNOWN,
    "EPOCHSECONDS": DIGITS, "LC_ALL": UNKNOWN, "TZ": UNKNOWN,
}  # fmt: skip


class Scope(Struct):
    """`folders` are all that may be the current one. `stdin` and `yields` say what comes down the pipe and what the
    last command printed: DIGITS, NAMES or PLAIN_NAMES, or "" where it may be anything. `counted` are the variables that
    arithmetic sets somewhere: whatever else they were set to, they may hold a number."""

    ground: "Ground"
    rules: "CommandRules"
    findings: Findings
    folders: tuple[str, ...]
    walk: "Callable[[Node, Scope], None]"  # reads a statement within this one
    variables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    depth: int = 0
    in_loop: bool = False
    stdin: str = ""
    yields: str = ""

    def fork(self) -> "Scope":
        """For a subshell: what happens in it stays in it, but for what was found."""
        return replace(self, variables=dict(self.variables), depth=self.depth + 1)

    def values_of(self, name: str) -> tuple[str, ...] | None:
        """Every value that a variable may have here, or None where nothing is known of it."""
        if name in self.variables:
            return self.variables[name]
        if name == "PWD":
            return self.folders
        if name in _PUBLIC:
            return (_PUBLIC[name],)
        if name.isdecimal():
            return ("",)
        return None

    def assign(self, name: str, values: Iterable[str], *, also: bool = False) -> None:
        """Remember what a variable may hold; `also` where it may as well have kept what it held."""
        kept = self.variables.get(name, ("",)) if also else ()
        number = (DIGITS,) if name in self.counted else ()
        found = tuple(dict.fromkeys((*kept, *values, *number)))
        self.variables[name] = found if len(found) <= _MOST_VALUES else (UNKNOWN,)

    def merge(self, other: "Scope") -> None:
        """What holds after one of two ways, this one or the other, was taken."""
        self.folders = tuple(dict.fromkeys((*self.folders, *other.folders)))
        for name in {*self.variables, *other.variables}:
            self.variables.setdefault(name, ("",))
            self.assign(name, other.variables.get(name, ("",)), also=True)
