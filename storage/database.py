"""One SQLite file: who may write it, how it is read, and what it promises.

WAL and synchronous=FULL: what was committed survives a power cut. One connection writes (through `Writer`), one
`query_only` connection serves point reads in line (at most 64 rows: microseconds, the one blocking call that the
event loop makes), and a `query_only` aiosqlite connection serves scans.
"""

import asyncio
import logging
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiosqlite

from runtime.errors import DatabaseUnusable
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.signals import Signals
from storage.encoding import micros
from storage.faults import storage_fault
from storage.migrate import migrate
from storage.privacy import make_private
from storage.reader import open_reader
from storage.transaction import T, Unit
from storage.writer import Writer

BUSY_TIMEOUT_MS = 5_000
WATCH_INTERVAL = 0.05  # seconds between looks at what other processes committed; one look takes microseconds
CACHED_STATEMENTS = 256

Row = tuple[Any, ...]

log = logging.getLogger(__name__)


class Database:
    """An open database. Use as `async with Database(path, signals) as database`.

    `writing_with` is the class of the connection that writes: whoever must see every statement and commit names another.
    `rehearsal` does what will be done often; it is rolled back, and leaves prepared statements behind. `masker` goes over
    every event that is written.
    """

    def __init__(
        self,
        path: Path,
        signals: Signals,
        *,
        synchronous: str = "FULL",
        writing_with: type[sqlite3.Connection] = sqlite3.Connection,
        rehearsal: Callable[[sqlite3.Connection], None] | None = None,
        masker: Masker = NOTHING_OF_OURS,
    ) -> None:
        self.path = path
        self._masker = masker
        self.signals = signals
        self._synchronous = synchronous
        self._writing_with = writing_with
        self._rehearsal = rehearsal
        self.installation = ""

    async def __aenter__(self) -> Self:
        """Open, create and migrate. Raises DatabaseUnusable or DatabaseTooNew, with what to do."""
        try:
            make_private(self.path)
            connection = await _connected(
                aiosqlite.connect(
                    self.path, isolation_level=None, cached_statements=CACHED_STATEMENTS, factory=self._writing_with
                )
            )
        except (sqlite3.Error, OSError) as error:
            raise storage_fault(error, str(self.path)) from error
        self._connection = connection
        try:
            self.installation = await connection._execute(self._prepare, connection._conn)  # type: ignore[no-untyped-call]
            self._reader = open_reader(self.path, busy_timeout_ms=BUSY_TIMEOUT_MS, cached_statements=CACHED_STATEMENTS)
            self._scanner = await _connected(
                aiosqlite.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
            )
        except (sqlite3.Error, OSError) as error:
            await connection.close()
            raise storage_fault(error, str(self.path)) from error
        except BaseException:
            await connection.close()
            raise
        self._writer = Writer(connection, self.signals.wake, path=str(self.path), masker=self._masker)
        self._writer.start()
        self._watch = asyncio.create_task(self._watch_others(), name="storage watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()
        await self._writer.close()
        await self._scanner.close()
        self._reader.close()
        await self._connection.close()

    @property
    def commits(self) -> int:
        """How many transactions of this process changed something: each costs one fsync."""
        return self._writer.commits

    async def write(self, unit: Unit[T], *, barrier: bool = True, owner: int | None = None) -> T:
        """Run a unit of work in the writer: see `Writer.submit`."""
        return await self._writer.submit(unit, barrier=barrier, owner=owner)

    def leave(self, unit: Unit[object], *, owner: int) -> None:
        """Let a unit of work run with what the writer does next: see `Writer.leave`."""
        self._writer.leave(unit, owner=owner)

    async def between(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do what no transaction can, on the writing connection: others of this process wait for it."""
        result: list[T] = []

        def attempt() -> None:
            if not self._connection.in_transaction:
                result.append(work(self._connection._conn))

        try:
            while not result:
                await self.write(lambda tx: None)  # commits what lingers
                await self._connection._execute(attempt)  # type: ignore[no-untyped-call]  # private, as in the writer
        except sqlite3.Error as error:
            raise storage_fault(error, str(self.path)) from error
        return result[0]

    def read_row(self, sql: str, parameters: Any = ()) -> Row | None:
        """One committed row, in line."""
        row: Row | None = self._reader.execute(sql, parameters).fetchone()
        return row

    def read_rows(self, sql: str, parameters: Any = ()) -> Sequence[Row]:
        """A few committed rows (at most 64 by the caller's LIMIT), in line."""
        return self._reader.execute(sql, parameters).fetchall()

    @property
    def reader(self) -> sqlite3.Connection:
        """The in-line reader, for loaders that are shared with the writer's transactions."""
        return self._reader

    def version(self) -> int:
        """Another number once anybody, in whatever process, has committed anything."""
        return int(self._reader.execute("PRAGMA data_version").fetchone()[0])

    async def scan(self, sql: str, parameters: Any = ()) -> Iterable[Row]:
        """Any number of committed rows, off the loop."""
        try:
            return await self._scanner.execute_fetchall(sql, parameters)  # type: ignore[return-value]  # rows are tuples
        except sqlite3.Error as error:
            raise storage_fault(error, str(self.path)) from error

    async def back_up(self, target: Path) -> None:
        """Write a consistent copy to `target` while everything goes on. An existing file is never overwritten."""
        if target.exists():  # noqa: ASYNC240  one stat, at an administrator's command
            raise DatabaseUnusable(f"{target} exists already: name a new file for the backup")
        try:
            make_private(target)
            await self._scanner.execute_fetchall("VACUUM INTO ?", (str(target),))
        except (sqlite3.Error, OSError) as error:
            raise storage_fault(error, str(target)) from error

    def _prepare(self, connection: sqlite3.Connection) -> str:
        """In aiosqlite's thread: settings, migrations, the installation's id."""
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if self._synchronous == 'NORMAL' else 'FULL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection, str(self.path))
        row = connection.execute("SELECT key FROM installation").fetchone()
        if row is None:
            row = connection.execute(_FOUND, {"key": secrets.token_hex(4), "at": micros(datetime.now(UTC))}).fetchone()
        if row is None:  # another process founded it between the two statements
            row = connection.execute("SELECT key FROM installation").fetchone()
        if self._rehearsal is not None:
            self._rehearse(connection, self._rehearsal)
        return str(row[0])

    def _rehearse(self, connection: sqlite3.Connection, rehearsal: Callable[[sqlite3.Connection], None]) -> None:
        """Nobody waits for a rehearsal: while another program writes, there is none."""
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute("BEGIN IMMEDIATE")
            rehearsal(connection)
        except Exception:  # whoever really needs what is broken here will say so
            log.debug("the rehearsal failed", exc_info=True)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")

    async def _watch_others(self) -> None:
        """Wake everybody when another process (or this one) committed."""
        seen = self._version()
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            version = self._version()
            if version != seen:
                seen = version
                self.signals.wake_all()

    def _version(self) -> int:
        try:
            return self.version()
        except DatabaseUnusable:
            return -1


_FOUND = """
INSERT INTO installation (one, key, created_at) VALUES (1, :key, :at)
ON CONFLICT DO NOTHING
RETURNING key
"""


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the log on. Of several who open a new file at once all but one are refused at once, busy timeout or not:

    each holds the file shared and wants it alone, and SQLite lets none wait for another then.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(random.uniform(0.001, 0.01))  # noqa: S311  so that they do not meet again


async def _connected(connection: aiosqlite.Connection) -> aiosqlite.Connection:
    """The connection, opened. One that cannot be opened has ended its thread by then: nothing outlives the loop."""
    try:
        return await connection
    except BaseException:
        connection._thread.join()  # aiosqlite has told it to stop: this takes microseconds
        raise
