"""The state tables of the runtime as SQL, rendered once at import: a change of status is written nowhere else.

Lists are written with OR: for `IN` and more than two words, SQLite makes a table in memory each time that it is asked.
"""

from datetime import timedelta

from runtime.states import S, Table, from_statuses, to_status


def guard(table: Table[S], trigger: str, column: str = "status") -> str:
    """`(status = '…' OR …)`: where a trigger may start from."""
    names = " OR ".join(f"{column} = '{status.value}'" for status in from_statuses(table, trigger))
    return f"({names})"


def unsettled(table: str) -> str:
    """The condition of the index `runs_unsettled`, word for word: SQLite uses a partial index only where that stands, or
    where one of its statuses does."""
    return f"({table}.status = 'queued' OR {table}.status = 'running' OR {table}.status = 'waiting')"


def undelivered(table: str) -> str:
    """The same for the index `deliveries_due`."""
    return f"{table}.status IN ('owed', 'sending')"


def is_due(column: str, longest: timedelta) -> str:
    """Whether what was put off until then, for `longest` at most, is due `:at`: it is also where it was put off before the clock
    was set back."""
    return f"({column} <= :at OR {column} > :at + {longest // timedelta(microseconds=1)})"


def move(table: Table[S], trigger: str, column: str = "status") -> str:
    """`status = '…'`: where a trigger leads to."""
    return f"{column} = '{to_status(table, trigger).value}'"
