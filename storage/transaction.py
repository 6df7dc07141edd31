"""What units of work work with: the transaction that they share."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.signals import Signal
from storage.trails import Trails

T = TypeVar("T")


class Transaction:
    """What a unit of work may do: run constant SQL, add to the trails, and name whom the commit wakes."""

    __slots__ = ("_connection", "execute", "signals", "told", "trails")

    def __init__(self, connection: sqlite3.Connection, masker: Masker = NOTHING_OF_OURS) -> None:
        self._connection = connection
        self.execute = connection.execute
        self.trails = Trails(connection, masker)
        self.signals: set[Signal] = set()
        self.told: set[int] = set()  # the owners of results that were handed out before the commit

    def insert(self, sql: str, parameters: Any) -> int:
        """Run an INSERT and return the row's id."""
        row_id = self._connection.execute(sql, parameters).lastrowid
        if row_id is None:
            raise AssertionError("an INSERT gave no row id")
        return row_id

    def wake(self, *signals: Signal) -> None:
        self.signals.update(signals)


Unit = Callable[[Transaction], T]
