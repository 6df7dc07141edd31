"""The one writer: it groups whatever units of work are waiting into one commit.

A unit is a plain function of the transaction. All that are queued run in one hop to aiosqlite's thread: BEGIN IMMEDIATE,
a savepoint, one COMMIT, then their results are handed out. A unit that fails is rolled back alone: its neighbours are
undone with it and run once more, each under a savepoint of its own, so a unit must do the same when it is run again.

A unit that is no barrier (nothing is run, shown or acknowledged because of it) does not wait for the commit: its
result comes as soon as it ran, and the commit follows with the next barrier, at the latest after LINGER seconds. Where
not even its result is waited for (`leave`), it runs with whatever comes next. Whoever had been told such a result, or
left such a unit, goes on from what is not in the record where the unit or its commit fails: its owner is betrayed, and
gets the failure for everything that it asks from then on.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Generic

import aiosqlite
from msgspec import Struct

from runtime.errors import DatabaseUnusable, MallardError
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.signals import Signal
from storage.faults import is_storage_at_fault, storage_fault
from storage.transaction import T, Transaction, Unit

LINGER = 0.002
_LOST = "what was to be written before this is not in it"

log = logging.getLogger(__name__)


class _Queued(Struct, Generic[T]):
    """`future` is None for a unit that was left: nobody waits for it."""

    unit: Unit[T]
    barrier: bool
    owner: int | None
    future: "asyncio.Future[T] | None"
    result: T | None = None
    error: Exception | None = None


class Writer:
    """Owns the writing connection. `woken` is called on the loop after each commit with what the units named."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        woken: Callable[[Iterable[Signal]], None],
        *,
        path: str,
        masker: Masker = NOTHING_OF_OURS,
    ) -> None:
        self._connection = connection
        self._masker = masker
        self._woken = woken
        self._path = path
        self._queue: list[_Queued[Any]] = []
        self._work = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._open: Transaction | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._is_due = False
        self._betrayed: dict[int, Exception] = {}
        self._closing = False
        self._changes = 0
        self.commits = 0

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="storage writer")

    async def close(self) -> None:
        """Commit what was submitted, then stop."""
        self._closing = True
        self._work.set()
        if self._pump is not None:
            await self._pump

    async def submit(self, unit: Unit[T], *, barrier: bool = True, owner: int | None = None) -> T:
        """Run a unit and return its result: after the commit for a barrier, else as soon as it ran.

        Raises what the unit raised, or DatabaseUnusable; then nothing of the unit stays. `owner` names who builds on
        the results of several units: once one of them was lost, none of the others is run.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._add(_Queued(unit, barrier, owner, future))
        self._work.set()
        return await future

    def leave(self, unit: Unit[object], *, owner: int) -> None:
        """Let a unit run with what comes next, before anything that its owner submits later; nobody waits for it.

        Where it fails, its owner's next unit raises what it raised.
        """
        self._add(_Queued(unit, False, owner, None))
        self._linger()

    def _add(self, queued: _Queued[Any]) -> None:
        if self._closing:
            raise RuntimeError("the database is closed")
        self._queue.append(queued)

    async def _run(self) -> None:
        while not (self._closing and not self._queue and self._open is None):
            await self._work.wait()
            self._work.clear()
            batch, self._queue = self._queue, []
            commit = self._is_due or self._closing or any(queued.barrier for queued in batch)
            if commit:
                self._end_lingering()
            if batch or self._open is not None:
                await self._apply_in_thread(batch, commit=commit)
            if not commit:
                self._linger()
            for queued in batch:
                _resolve(queued)

    def _linger(self) -> None:
        """See to it that what is not committed yet is, before long."""
        if self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(LINGER, self._fall_due)

    def _fall_due(self) -> None:
        self._is_due = True
        self._work.set()

    def _end_lingering(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        self._is_due = False

    async def _apply_in_thread(self, batch: list[_Queued[Any]], *, commit: bool) -> None:
        told = self._open.told if self._open is not None else set[int]()
        try:
            # aiosqlite's private way in: it is the only one that takes a whole function to its thread.
            signals = await self._connection._execute(self._apply, batch, commit)  # type: ignore[no-untyped-call]  # private
        except Exception as error:  # the whole group failed: every member is told, none is half done
            self._open = None
            left = {queued.owner for queued in batch if queued.future is None and queued.owner is not None}
            for owner in told | left:
                self._betrayed.setdefault(owner, DatabaseUnusable(f"The database {self._path} failed, and {_LOST}"))
            fault = storage_fault(error, self._path)
            log.error("A group of %d units could not be committed: %s", len(batch), fault)  # noqa: TRY400  callers get it
            for queued in batch:
                queued.error = queued.error or fault
            return
        if commit:
            self._woken(signals)
        elif self._open is not None:
            self._open.told.update(queued.owner for queued in batch if queued.owner is not None)

    def _apply(self, batch: list[_Queued[Any]], commit: bool) -> set[Signal]:
        """In aiosqlite's thread."""
        connection = self._connection._conn
        if self._open is None:
            connection.execute("BEGIN IMMEDIATE")
            self._open = Transaction(connection, self._masker)
        transaction = self._open
        try:
            self._apply_together(transaction, batch)
            if commit:
                transaction.trails.write()
                connection.execute("COMMIT")
                self._open = None
                self.commits += connection.total_changes != self._changes
                self._changes = connection.total_changes
        except BaseException:
            self._open = None
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return transaction.signals

    def _apply_together(self, transaction: Transaction, units: list[_Queued[Any]]) -> None:
        """Run units in order, under one savepoint while none fails: that is hardly ever, and a savepoint each is dear.

        Where one does fail, all are undone and run again, each under its own. Nobody has been given a result by then.
        """
        if len(units) < 2 or not self._betrayed.keys().isdisjoint(queued.owner for queued in units):
            for queued in units:
                self._apply_one(transaction, queued)
            return
        woken, mark = set(transaction.signals), transaction.trails.mark()
        transaction.execute("SAVEPOINT units")
        try:
            for queued in units:
                queued.result = queued.unit(transaction)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and is_storage_at_fault(error):
                raise
            transaction.execute("ROLLBACK TO units")
            transaction.trails.rewind(mark)
            transaction.signals = woken
            for queued in units:
                self._apply_one(transaction, queued)
        transaction.execute("RELEASE units")

    def _apply_one(self, transaction: Transaction, queued: _Queued[Any]) -> None:
        if queued.owner in self._betrayed:
            queued.error = self._betrayed[queued.owner]
            return
        mark = transaction.trails.mark()
        transaction.execute("SAVEPOINT unit")
        try:
            queued.result = queued.unit(transaction)
        except sqlite3.Error as error:
            if is_storage_at_fault(error):
                raise
            queued.error = error
        except Exception as error:  # a unit's own failure must not take its neighbours with it
            queued.error = error
        if queued.error is not None:
            transaction.execute("ROLLBACK TO unit")
            transaction.trails.rewind(mark)
            if queued.future is None and queued.owner is not None:
                self._betrayed[queued.owner] = queued.error
        transaction.execute("RELEASE unit")


def _resolve(queued: _Queued[Any]) -> None:
    """Hand a result out. A caller that was cancelled while it waited gets none; what it asked for is recorded all the same."""
    if queued.future is None or queued.future.done():
        return
    if queued.error is not None:
        if not isinstance(queued.error, MallardError):
            log.debug("a unit of work failed", exc_info=queued.error)
        queued.future.set_exception(_as_futures_take_it(queued.error))
    else:
        queued.future.set_result(queued.result)


def _as_futures_take_it(error: Exception) -> Exception:
    """No future takes a StopIteration: it would end the writer, and all that is written afterwards would wait for ever."""
    if not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError("a unit of work took the next of what had none")
    wrapped.__cause__ = error
    return wrapped
