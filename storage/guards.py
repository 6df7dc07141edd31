"""The state tables of the runtime as SQL, rendered once at import: a change of status is written nowhere else."""

from runtime.states import S, Table, from_statuses, to_status


def guard(table: Table[S], trigger: str, column: str = "status") -> str:
    """`status IN (…)`: where a trigger may start from."""
    names = ", ".join(f"'{status.value}'" for status in from_statuses(table, trigger))
    return f"{column} IN ({names})"


def move(table: Table[S], trigger: str, column: str = "status") -> str:
    """`status = '…'`: where a trigger leads to."""
    return f"{column} = '{to_status(table, trigger).value}'"
