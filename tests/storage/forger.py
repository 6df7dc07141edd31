"""Somebody with the file in hands, and all that they can do to the trail."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

# Each column by which a row takes part in the trail, and how to make another value of the one that it has.
Change = Callable[[Any], Any]
more: Change = lambda value: value + 1  # noqa: E731
other_bytes: Change = lambda value: bytes([value[0] ^ 1]) + value[1:]  # noqa: E731
EDITS: dict[str, dict[str, Change]] = {
    "events": {
        "run_id": more,
        "seq": more,
        "type": lambda value: value + "s",
        "at": more,
        "payload_hash": other_bytes,
        "hash": other_bytes,
    },
    "payloads": {
        "run_id": more,
        "seq": more,
        "salt": other_bytes,
        "body": lambda value: value.replace(b"{", b'{"x":1,', 1),
    },
    "heads": {
        "n": lambda value: value + 1_000,
        "run_id": more,
        "count": more,
        "head": other_bytes,
        "hash": other_bytes,
    },
    "link_events": {
        "n": lambda value: value + 1_000,
        "type": lambda value: "link_expired" if value != "link_expired" else "link_refused",
        "at": more,
        "body": lambda value: value.replace(b"UALICE", b"UEVE").replace(b"UBOB", b"UEVE"),
        "hash": other_bytes,
    },
    "runs": {"id": lambda value: value + 1_000, "event_count": more, "event_head": other_bytes},
}


def rows_of(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    columns = EDITS[table]
    order = ", ".join(list(columns)[:2])
    found = connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}").fetchall()
    return [dict(zip(columns, row, strict=True)) for row in found]


def where(table: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    names = {
        "events": ["run_id", "seq"],
        "payloads": ["run_id", "seq"],
        "heads": ["n"],
        "link_events": ["n"],
        "runs": ["id"],
    }[table]
    return " AND ".join(f"{name} = ?" for name in names), [row[name] for name in names]


class Forger:
    """Somebody with the file in hands, at one row of it."""

    def __init__(self, path: Path, data: st.DataObject) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.data = data
        self.table = data.draw(st.sampled_from(sorted(EDITS)), label="table")
        self.rows = rows_of(self.connection, self.table)
        self.row = data.draw(st.sampled_from(self.rows), label="row")

    def edit(self) -> None:
        column = self.data.draw(st.sampled_from(sorted(EDITS[self.table])), label="column")
        value = EDITS[self.table][column](self.row[column])
        clause, key = where(self.table, self.row)
        self._try(f"UPDATE {self.table} SET {column} = ? WHERE {clause}", [value, *key])

    def remove(self) -> None:
        clause, key = where(self.table, self.row)
        self.connection.execute(f"DELETE FROM {self.table} WHERE {clause}", key)

    def swap(self) -> None:
        """Two rows change places: each takes what the other says beside its key."""
        other = self.data.draw(st.sampled_from([row for row in self.rows if row != self.row]), label="other")
        said = [name for name in EDITS[self.table] if name not in ("run_id", "seq", "n", "id") or self.table == "heads"]
        said = [name for name in said if name != "n"]
        assume(any(self.row[name] != other[name] for name in said))
        for to, of in ((self.row, other), (other, self.row)):
            clause, key = where(self.table, to)
            assignments = ", ".join(f"{name} = ?" for name in said)
            self.connection.execute(
                f"UPDATE {self.table} SET {assignments} WHERE {clause}", [*(of[name] for name in said), *key]
            )

    def invent(self) -> None:
        """One more row, made after one that is there."""
        columns = [row[1] for row in self.connection.execute(f"PRAGMA table_info({self.table})")]
        key = {"events": "seq", "payloads": "seq", "heads": "n", "link_events": "n", "runs": "id"}[self.table]
        beyond = max(row[key] for row in self.rows) + self.data.draw(st.integers(1, 3), label="beyond")
        values = ", ".join("?" if name == key else name for name in columns)
        clause, place = where(self.table, self.row)
        self._try(
            f"INSERT INTO {self.table} ({', '.join(columns)}) SELECT {values} FROM {self.table} WHERE {clause}",
            [beyond, *place],
        )

    def _try(self, sql: str, parameters: list[Any]) -> None:
        try:
            self.connection.execute(sql, parameters)
        except sqlite3.IntegrityError:
            assume(False)  # another row has that number, or runs in that conversation
