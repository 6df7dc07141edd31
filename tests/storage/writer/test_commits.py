"""The one writer: units that wait share a commit, and results never promise too much."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from runtime.signals import Signal, Signals
from storage.database import Database
from storage.transaction import Transaction
from tests.storage.writer.ducks import duck, ducks


async def test_units_that_wait_share_one_commit(database: Database) -> None:
    before = database.commits

    numbers = await asyncio.gather(*(database.write(duck(n)) for n in range(50)))

    assert numbers == list(range(50))
    assert ducks(database.path) == list(range(50))
    assert database.commits == before + 1


async def test_a_unit_that_changes_nothing_costs_no_commit(database: Database) -> None:
    before = database.commits
    await database.write(lambda tx: tx.execute("SELECT 1").fetchone())
    assert database.commits == before


async def test_a_barrier_is_committed_when_its_result_comes(database: Database) -> None:
    for number in range(5):
        await database.write(duck(number))
        assert number in ducks(database.path)


async def test_a_lingering_unit_answers_before_its_commit_and_is_durable_soon(
    database: Database, signals: Signals
) -> None:
    committed = signals.subscribe(Signal.RUNS)

    assert await database.write(duck(1, Signal.RUNS), barrier=False) == 1
    assert ducks(database.path) == []

    while ducks(database.path) != [1]:  # the watch over other processes may wake everybody before that
        assert await committed.wait(timeout=5)


async def test_a_lingering_unit_rides_with_the_next_barrier(database: Database) -> None:
    before = database.commits

    await database.write(duck(1), barrier=False)
    await database.write(duck(2))

    assert ducks(database.path) == [1, 2]
    assert database.commits == before + 1


async def test_a_lingering_unit_is_seen_by_the_units_after_it(database: Database) -> None:
    await database.write(duck(1), barrier=False)
    assert await database.write(lambda tx: tx.execute("SELECT count(*) FROM ducks").fetchone()[0]) == 1


async def test_who_is_named_wakes_after_the_commit(database: Database, signals: Signals) -> None:
    named, other = signals.subscribe(Signal.OWED), signals.subscribe(Signal.CANCEL)

    await database.write(duck(1, Signal.OWED))

    assert await named.wait(timeout=5)
    assert not await other.wait(timeout=0)


async def test_what_a_cancelled_caller_asked_for_still_lands(database: Database) -> None:
    caller = asyncio.create_task(database.write(duck(1)))
    await asyncio.sleep(0)  # it stands in the queue now
    caller.cancel()

    await database.write(duck(2))

    assert caller.cancelled()
    assert ducks(database.path) == [1, 2]


async def test_closing_commits_what_was_handed_in(path: Path, signals: Signals) -> None:
    async with Database(path, signals) as database:
        await database.write(lambda tx: tx.execute("CREATE TABLE ducks (n INTEGER PRIMARY KEY) STRICT"))
        await database.write(duck(1), barrier=False)
        last = asyncio.create_task(database.write(duck(2)))
        await asyncio.sleep(0)

    assert await last == 2
    assert ducks(path) == [1, 2]
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(duck(3))


@pytest.mark.promise(34)
async def test_what_a_unit_has_read_stays_true_until_it_has_written(database: Database) -> None:
    def unit(tx: Transaction) -> str:
        tx.execute("SELECT count(*) FROM ducks").fetchone()
        with closing(sqlite3.connect(database.path, timeout=0)) as other:
            try:
                other.execute("INSERT INTO ducks (n) VALUES (1)")
            except sqlite3.OperationalError as error:
                return str(error)
        return "another process wrote in between"

    assert await database.write(unit) == "database is locked"


async def test_aiosqlite_still_takes_a_whole_function_to_its_thread() -> None:
    """Storage leans on three private names: an upgrade that changes them must be noticed here first."""
    async with aiosqlite.connect(":memory:", isolation_level=None) as connection:

        def unit(first: int, second: int) -> tuple[int, int]:
            return threading.get_ident(), first + connection._conn.execute("SELECT ?", (second,)).fetchone()[0]

        thread, total = await connection._execute(unit, 1, 2)

        assert total == 3
        assert thread == connection._thread.ident != threading.get_ident()
        assert isinstance(connection._conn, sqlite3.Connection)
        with pytest.raises(ZeroDivisionError):
            await connection._execute(lambda: 1 // 0)


async def test_lingering_units_that_keep_coming_do_not_put_off_the_commit(database: Database) -> None:
    for number in range(10_000):
        await database.write(duck(number), barrier=False)
        if ducks(database.path):
            return
    pytest.fail("nothing was committed")
