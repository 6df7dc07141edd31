"""What is known of a command that only reads: one row, which says which options and operands keep it so.

Options are listed because they are harmless; what is not listed is asked about. A row writes them as people do:
`-abc` are three flags, `-n:` and `-nm:` take a value, `-f<` takes a path to read, `-#` is a number such as `-20`;
`--all` is a flag, `--sort=` takes a value, `--color=?` may have one, `--file<` takes a path to read.
"""

from collections.abc import Iterator
from enum import Enum, StrEnum, auto

from msgspec import Struct, field

from runtime.shell.words import Word


class Operands(StrEnum):
    """What stands on the command line besides options."""

    NONE = "none"
    TEXT = "text"  # anything: it is printed or compared, never opened
    PATHS = "paths"
    PATTERN = "pattern"  # as grep has it: the first is none of the paths, where it did not come as an option


class Takes(Enum):
    NOTHING = auto()
    VALUE = auto()
    MAYBE = auto()  # only attached, with =
    PATH = auto()


class Row(Struct, frozen=True, kw_only=True):
    """`careful`: an option of it can do harm, so nothing that only might be an option may stand where one could.
    `plain`: every word is an operand, dash or not. `permutes`: options count also after operands. `names_only`: it does
    not show what is in the files that it is given. `runs`: the programs that it starts itself. `yields`: what it prints,
    "digits", "names" or the name of who knows. `check`: the name of what looks at the rest."""

    name: str
    options: dict[str, Takes] = field(default_factory=dict)
    operands: Operands = Operands.PATHS
    at_least: int = 0
    most: int | None = None
    counts: bool = False
    careful: bool = False
    plain: bool = False
    permutes: bool = True
    names_only: bool = False
    pattern_options: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    yields: str = ""
    check: str = ""


class Reading(Struct, frozen=True):
    """A command line that fits its row."""

    row: Row
    options: tuple[tuple[str, Word | None], ...]
    operands: tuple[Word, ...]

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> Iterator[Word]:
        return (value for name, value in self.options if name in names and value is not None)


def read_options(written: str) -> dict[str, Takes]:
    """Options as a row writes them. Raises ValueError for one that cannot be read."""
    return dict(_read_options(written))


def _read_options(written: str) -> Iterator[tuple[str, Takes]]:
    for each in written.split():
        takes, name = _read_kind(each)
        if name.startswith("--") and len(name) > 2:
            yield name, takes
        elif name.startswith("-") and len(name) > 1 and name[1] != "-":
            yield from (("-" + letter, takes) for letter in name[1:])
        else:
            raise ValueError(f"{each} is not an option")


def _read_kind(each: str) -> tuple[Takes, str]:
    for ending, takes in (("=?", Takes.MAYBE), ("=", Takes.VALUE), (":", Takes.VALUE), ("<", Takes.PATH)):
        if each.endswith(ending):
            return takes, each.removesuffix(ending)
    return Takes.NOTHING, each
