"""The connection that reads in line. What SQLite cannot do, it says in our words, also halfway through the rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.faults import storage_fault


class Reader(sqlite3.Connection):
    """A `query_only` connection that raises DatabaseUnusable where SQLite fails."""

    path = ""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return self.cursor(_Cursor).execute(sql, parameters)
        except sqlite3.Error as error:
            raise storage_fault(error, self.path) from error


class _Cursor(sqlite3.Cursor):
    connection: Reader

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.Error as error:
            raise storage_fault(error, self.connection.path) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.Error as error:
            raise storage_fault(error, self.connection.path) from error

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.Error as error:
            raise storage_fault(error, self.connection.path) from error


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Whatever is read in the block is of one moment, also while others write."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # a fault may have ended it
            connection.execute("COMMIT")


def open_reader(path: Path, *, busy_timeout_ms: int, cached_statements: int) -> Reader:
    reader = sqlite3.connect(path, isolation_level=None, cached_statements=cached_statements, factory=Reader)
    reader.path = str(path)
    reader.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
    reader.execute("PRAGMA query_only = ON")
    return reader
