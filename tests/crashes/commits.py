"""The writing connection, as a place to die at: right before and right after each commit that changes something."""

import sqlite3
import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any

from tests.crashes.points import Points

SCHEMA = "the schema"
_WRITER = ("_apply_one", "_apply_together")  # what calls units of work


def crashing_connection(points: Points) -> type[sqlite3.Connection]:
    """A class of connections whose commits are points. A commit is named after the units of work that it commits,
    whichever of them the writer happened to group: so the names do not depend on who was quicker."""

    class CrashingConnection(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._units: list[str] = []
            self._at_work: FrameType | None = None

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT":
                return self._commit()
            if sql.startswith("ROLLBACK"):
                self._forget()
            before = self.total_changes
            cursor = super().execute(sql, parameters)
            if self.total_changes != before:
                self._note(*_unit_at_work())
            return cursor

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
            if not self._units:  # what happened is written for all units at once: it names a commit of nothing else
                self._note(None, "what happened")
            return super().executemany(sql, parameters)

        def _note(self, unit: FrameType | None, name: str) -> None:
            if unit is not self._at_work or not self._units:
                self._at_work = unit
                self._units.append(name)

        def _commit(self) -> sqlite3.Cursor:
            units = self._units
            self._forget()
            for unit in units:
                points.passed(f"before the commit of {unit}")
            cursor = super().execute("COMMIT")
            for unit in units:
                points.passed(f"after the commit of {unit}")
            points.heard()
            return cursor

        def _forget(self) -> None:
            self._units, self._at_work = [], None

    return CrashingConnection


def _unit_at_work() -> tuple[FrameType | None, str]:
    """The unit of work that executes something now, and its name: that of the function that the record hands on to."""
    stack: list[FrameType] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_name not in _WRITER:
        stack.append(frame)
        frame = frame.f_back
    if frame is None:
        return None, SCHEMA
    unit = stack[-1]
    return unit, (stack[-2] if len(stack) > 1 else unit).f_code.co_name
