"""Tables for people, JSON lines for programs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from runtime.tools.visible import make_visible

_COLOURS = {
    "running": "cyan", "waiting": "yellow", "completed": "green", "failed": "red", "expired": "magenta",
    "cancelled": "dim", "ok": "green", "warn": "yellow", "fail": "bold red",
}  # fmt: skip


_PIPED_WIDTH = 200


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Rows as a table, or the sentence that says why there are none. What is in the cells cannot steer the terminal."""
    rows = list(rows)
    if not rows:
        print(empty)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(make_visible(cell), style=_COLOURS.get(cell, "")) for cell in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def print_json(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(orjson.dumps(row, default=str).decode() + "\n")


def write_age(moment: datetime) -> str:
    """How long ago, in the largest unit that says something."""
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return "just now"
