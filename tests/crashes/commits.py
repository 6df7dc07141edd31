"""The writing connection, as a place to die at: right before and right after each commit that changes something."""

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from tests.crashes.points import Points

_UPDATE = re.compile(r"\s*UPDATE (\w+) SET (?:status|state) = '(\w+)'")
_OTHER = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_TOLD_BY_OTHERS = ("model_call_started", "model_call_finished", "cognition_response", "action_directive")


def crashing_connection(points: Points) -> type[sqlite3.Connection]:
    """A class of connections whose commits are points. A commit is named after the units of work that it commits,
    whichever of them the writer happened to group: so the names do not depend on who was quicker."""

    class CrashingConnection(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._units: list[str] = []
            self._said: list[str] = []
            self._committed = 0

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            match sql:
                case "COMMIT":
                    return self._commit()
                case "ROLLBACK":
                    self._units, self._said = [], []
                case "SAVEPOINT unit" | "ROLLBACK TO unit":
                    self._said = []
                case "RELEASE unit" if self._said:
                    self._units.append(_name(self._said))
            before = self.total_changes
            cursor = super().execute(sql, parameters)
            if self.total_changes != before or cursor.description is not None:
                self._said += _words(sql, parameters)
            return cursor

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
            rows = list(parameters)
            if sql.lstrip().startswith("INSERT INTO events"):
                self._said += [row[2] for row in rows]
            return super().executemany(sql, rows)

        def _commit(self) -> sqlite3.Cursor:
            units, self._units, self._said = self._units, [], []
            if not units and self.total_changes != self._committed:
                units = ["the schema"]
            self._committed = self.total_changes
            for unit in units:
                points.passed(f"before the commit of [{unit}]")
            cursor = super().execute("COMMIT")
            for unit in units:
                points.passed(f"after the commit of [{unit}]")
            points.heard()
            return cursor

    return CrashingConnection


def _words(sql: str, parameters: Any) -> list[str]:
    moved = _UPDATE.match(sql)
    if moved:
        return [f"{moved[1]} {moved[2]}"]
    other = _OTHER.match(sql)
    if other is None:
        return []
    if other[2] == "deliveries" and other[1] == "INSERT INTO":
        return [f"{parameters[5]} owed"]
    return [f"~{other[2]}"]


def _name(said: list[str]) -> str:
    """What was moved and what was told; where there is neither, the tables that were touched."""
    told = [word for word in said if not word.startswith("~") and word not in _TOLD_BY_OTHERS]
    touched = [word.removeprefix("~") for word in said if word.startswith("~")]
    return ", ".join(dict.fromkeys(told or touched))
