"""Numbered migrations: applied in order, each in one transaction with its own record."""

import hashlib
import sqlite3
import time
from importlib import resources

from msgspec import Struct

from runtime.errors import DatabaseTooNew, DatabaseUnusable

_CREATE = """
CREATE TABLE IF NOT EXISTS migrations (
    number     INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""


class Migration(Struct, frozen=True, kw_only=True):
    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known_migrations() -> tuple[Migration, ...]:
    """All migrations of this version, in order."""
    files = sorted(
        (file for file in resources.files("storage.migrations").iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    return tuple(
        Migration(number=int(file.name[:4]), name=file.name.removesuffix(".sql"), sql=file.read_text("utf-8"))
        for file in files
    )


def migrate(connection: sqlite3.Connection, path: str, migrations: tuple[Migration, ...] | None = None) -> None:
    """Bring a database up to this version. Safe when several processes start at once.

    Raises DatabaseTooNew for one that a newer version wrote, DatabaseUnusable where a migration that was applied
    reads otherwise today: then the code and the file do not belong together.
    """
    wanted = known_migrations() if migrations is None else migrations
    if connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'migrations'").fetchone()[0]:
        applied = _applied(connection)
        if _check(applied, wanted, path) == len(wanted):
            return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_CREATE)
        applied = _applied(connection)
        done = _check(applied, wanted, path)
        for migration in wanted[done:]:
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO migrations (number, name, digest, applied_at) VALUES (?, ?, ?, ?)",
                (migration.number, migration.name, migration.digest, time.time_ns() // 1000),
            )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _applied(connection: sqlite3.Connection) -> dict[int, str]:
    return dict(connection.execute("SELECT number, digest FROM migrations ORDER BY number"))


def _check(applied: dict[int, str], wanted: tuple[Migration, ...], path: str) -> int:
    """How many of the wanted migrations stand already."""
    newest = wanted[-1].number if wanted else 0
    if applied and max(applied) > newest:
        raise DatabaseTooNew(
            f"The database {path} was written by a newer Mallard (its format is {max(applied)}, this version knows "
            f"{newest}): install that version again, or restore a backup from before the upgrade."
        )
    for migration in wanted:
        if migration.number in applied and applied[migration.number] != migration.digest:
            raise DatabaseUnusable(
                f"The database {path} was made by another build of format {migration.number}: "
                "it and this version do not belong together. Use the version that made it, or a new database."
            )
    return len(applied)


def _statements(script: str) -> list[str]:
    """The script's statements. `executescript` will not do: it commits what is open before it starts."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    if pending.strip():
        raise AssertionError(f"a migration ends in the middle of a statement: {pending[:80]!r}")
    return statements
