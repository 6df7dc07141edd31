"""Every command that is known to only read, a row each, in TOML files by family."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from runtime.shell.rows import Operands, Row, read_options

_FAMILIES = ("text", "files", "machine", "archives", "builtins", "packages")


@cache
def rows() -> dict[str, Row]:
    """By the command's name. Raises ValueError or TypeError where a row is wrong, with its name."""
    found: dict[str, Row] = {}
    for family in _FAMILIES:
        for row in read_rows(family):
            if row.name in found:
                raise ValueError(f"{row.name} has two rows")
            found[row.name] = row
    return found


@cache
def version_words() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    """By the program's name: the single words that ask for its version and do nothing else, and what it then starts."""
    tables = {name: each if isinstance(each, dict) else {"words": each} for name, each in _load("versions").items()}
    return {
        name: (frozenset({"--version", *each["words"]}), tuple(each.get("runs", ()))) for name, each in tables.items()
    }


def read_rows(family: str) -> Iterator[Row]:
    """The rows of one file; a table whose name holds spaces is a row for each of them."""
    for names, fields in _load(family).items():
        for name in names.split():
            yield _row(name, dict(fields))


def _row(name: str, fields: dict[str, Any]) -> Row:
    written = fields.pop("options", "")
    counts = "-#" in written.split()
    options = read_options(written.replace("-#", ""))
    operands = Operands(fields.pop("operands", "paths"))
    for key in {"runs", "pattern_options"} & fields.keys():
        fields[key] = tuple(fields[key])
    return Row(name=name, options=options, operands=operands, counts=counts, **fields)


def _load(family: str) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{family}.toml").read_text(encoding="utf-8"))
