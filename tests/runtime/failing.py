"""A disk that fails when it is told to."""

import sqlite3
from typing import Any


class Failing(sqlite3.Connection):
    """A connection whose disk fails at the commit after a statement that holds `after`, as often as it is told."""

    after = ""
    times = 0
    _due = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._due = self._due or bool(Failing.times and Failing.after in sql)
        if sql == "COMMIT" and self._due:
            self._due = False
            Failing.times -= 1
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR"
            raise error
        return super().execute(sql, parameters)


class Refusing(sqlite3.Connection):
    """A connection that is refused an observation, as often as it is told."""

    times = 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if Refusing.times and "UPDATE call_states SET state = 'observed'" in sql:
            Refusing.times -= 1
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error
        return super().execute(sql, parameters)


def fail(*, after: str, times: int = 1) -> None:
    Failing.after, Failing.times = after, times
