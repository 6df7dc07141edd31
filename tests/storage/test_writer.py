"""The one writer: grouped commits, failures that stay alone, and results that never promise too much."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from runtime.errors import DatabaseUnusable
from runtime.signals import Signal, Signals
from storage.database import Database
from storage.transaction import Transaction, Unit
from tests.storage.desk import look
from tests.storage.strain import held_by_another, no_room_beyond


@pytest.fixture
def signals() -> Signals:
    return Signals()


@pytest.fixture
async def database(path: Path, signals: Signals) -> AsyncIterator[Database]:
    async with Database(path, signals) as opened:
        await opened.write(lambda tx: tx.execute("CREATE TABLE ducks (n INTEGER PRIMARY KEY) STRICT"))
        yield opened


def duck(number: int, *wakes: Signal) -> Unit[int]:
    def unit(tx: Transaction) -> int:
        tx.execute("INSERT INTO ducks (n) VALUES (?)", (number,))
        tx.wake(*wakes)
        return number

    return unit


def ducks(path: Path) -> list[int]:
    return [row[0] for row in look(path, "SELECT n FROM ducks ORDER BY n")]


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


def fails_after_writing(error: Exception) -> Unit[int]:
    def unit(tx: Transaction) -> int:
        tx.execute("INSERT INTO ducks (n) VALUES (100)")
        raise error

    return unit


def asks_wrongly(sql: str, *parameters: object) -> Unit[int]:
    def unit(tx: Transaction) -> int:
        tx.execute("INSERT INTO ducks (n) VALUES (100)")
        tx.execute(sql, parameters)
        return 100

    return unit


@pytest.mark.parametrize(
    ("unit", "error"),
    [
        (fails_after_writing(ValueError("no")), ValueError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES (100)"), sqlite3.IntegrityError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES ('quack')"), sqlite3.IntegrityError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES (?)"), sqlite3.ProgrammingError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES (?)", object()), sqlite3.Error),
        (asks_wrongly("INSERT INTO geese (n) VALUES (1)"), sqlite3.OperationalError),
        (asks_wrongly("SELECT ?", "\ud800"), UnicodeEncodeError),
        (asks_wrongly("SELECT ?", 2**70), OverflowError),
    ],
    ids=["its-own", "unique", "strict", "too-few", "not-a-value", "no-table", "lone-surrogate", "too-large"],
)
async def test_a_unit_that_fails_never_takes_its_neighbours(
    database: Database, unit: Unit[int], error: type[Exception]
) -> None:
    before = database.commits

    results = await asyncio.gather(
        database.write(duck(1)), database.write(unit), database.write(duck(2)), return_exceptions=True
    )

    assert results[0] == 1
    assert isinstance(results[1], error)
    assert results[2] == 2
    assert ducks(database.path) == [1, 2]
    assert database.commits == before + 1


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


@pytest.mark.promise(35)
async def test_a_commit_that_fails_fails_its_whole_group_clearly_and_keeps_nothing(database: Database) -> None:
    log = database.path.with_name(database.path.name + "-wal")

    with no_room_beyond(log.stat().st_size):
        results = await asyncio.gather(*(database.write(duck(n)) for n in range(3)), return_exceptions=True)

    for result in results:
        assert isinstance(result, DatabaseUnusable)
        assert str(database.path) in str(result)
        assert "free space" in str(result)
    assert ducks(database.path) == []
    await database.write(duck(7))
    assert ducks(database.path) == [7]


@pytest.mark.promise(35)
async def test_a_statement_that_finds_the_disk_full_fails_its_whole_group(database: Database) -> None:
    await database.write(lambda tx: tx.execute("CREATE TABLE heavy (body BLOB) STRICT"))
    await database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1").fetchone())  # no page more than it has

    results = await asyncio.gather(
        database.write(duck(1)),
        database.write(lambda tx: tx.execute("INSERT INTO heavy (body) VALUES (zeroblob(100000))")),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [DatabaseUnusable] * 2
    assert "the disk is full" in str(results[1])
    assert ducks(database.path) == []
    await database.write(duck(2))
    assert ducks(database.path) == [2]


@pytest.mark.promise(35)
async def test_a_unit_alone_that_finds_the_disk_full_is_told_so(database: Database) -> None:
    await database.write(lambda tx: tx.execute("CREATE TABLE heavy (body BLOB) STRICT"))
    await database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1").fetchone())

    with pytest.raises(DatabaseUnusable, match="the disk is full"):
        await database.write(lambda tx: tx.execute("INSERT INTO heavy (body) VALUES (zeroblob(100000))"))

    await database.write(duck(1))
    assert ducks(database.path) == [1]


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


@pytest.mark.promise(35)
async def test_a_database_that_another_program_holds_fails_with_advice_and_then_goes_on(database: Database) -> None:
    await database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 50").fetchone())

    advice = pytest.raises(DatabaseUnusable, match="another program holds it locked: end that program")
    with held_by_another(database.path), advice:
        await database.write(duck(1))

    await database.write(duck(2))
    assert ducks(database.path) == [2]


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


@pytest.mark.promise(35)
async def test_who_was_told_what_could_not_be_kept_writes_nothing_more(database: Database) -> None:
    log = database.path.with_name(database.path.name + "-wal")

    with no_room_beyond(log.stat().st_size):
        assert await database.write(duck(1), barrier=False, owner=7) == 1
        with pytest.raises(DatabaseUnusable):
            await database.write(duck(2), owner=8)

    with pytest.raises(DatabaseUnusable, match="not in it"):
        await database.write(duck(3), owner=7)
    await database.write(duck(4), owner=8)
    assert ducks(database.path) == [4]


# units that nobody waits for


async def test_a_unit_that_was_left_rides_with_the_next_barrier_before_what_came_after_it(database: Database) -> None:
    before = database.commits

    database.leave(duck(1), owner=7)
    seen = await database.write(lambda tx: tx.execute("SELECT n FROM ducks").fetchall(), owner=7)

    assert seen == [(1,)]
    assert ducks(database.path) == [1]
    assert database.commits == before + 1


async def test_a_unit_that_was_left_is_durable_soon_also_when_nothing_follows(
    database: Database, signals: Signals
) -> None:
    committed = signals.subscribe(Signal.RUNS)

    database.leave(duck(1, Signal.RUNS), owner=7)
    assert ducks(database.path) == []

    while ducks(database.path) != [1]:  # the watch over other processes may wake everybody before that
        assert await committed.wait(timeout=5)


async def test_a_unit_that_was_left_and_fails_is_undone_alone(database: Database) -> None:
    before = database.commits

    database.leave(duck(1), owner=6)
    database.leave(fails_after_writing(ValueError("no")), owner=7)
    database.leave(duck(2), owner=8)
    assert await database.write(duck(3)) == 3

    assert ducks(database.path) == [1, 2, 3]
    assert database.commits == before + 1


@pytest.mark.parametrize("barrier", [True, False])
async def test_whoever_left_a_unit_that_failed_gets_its_failure_from_then_on_and_nobody_else_does(
    database: Database, barrier: bool
) -> None:
    database.leave(duck(1), owner=7)
    database.leave(fails_after_writing(ValueError("no")), owner=7)
    database.leave(duck(2), owner=7)  # it builds on what is not there
    for number in (3, 4):
        with pytest.raises(ValueError, match="no"):
            await database.write(duck(number), barrier=barrier, owner=7)

    together = (database.write(duck(5), owner=8), database.write(duck(6), owner=7), database.write(duck(7)))
    results = await asyncio.gather(*together, return_exceptions=True)
    assert [type(result) for result in results] == [int, ValueError, int]
    assert ducks(database.path) == [1, 5, 7]


async def test_a_failure_that_its_caller_was_told_betrays_nobody(database: Database) -> None:
    with pytest.raises(ValueError, match="no"):
        await database.write(fails_after_writing(ValueError("no")), owner=7)

    assert await database.write(duck(1), owner=7) == 1


@pytest.mark.promise(35)
async def test_whoever_left_what_could_not_be_kept_writes_nothing_more(database: Database) -> None:
    log = database.path.with_name(database.path.name + "-wal")

    with no_room_beyond(log.stat().st_size):
        database.leave(duck(1), owner=7)
        with pytest.raises(DatabaseUnusable):
            await database.write(duck(2), owner=8)

    with pytest.raises(DatabaseUnusable, match="not in it"):
        await database.write(duck(3), owner=7)
    await database.write(duck(4), owner=8)
    assert ducks(database.path) == [4]


async def test_closing_commits_what_was_left(path: Path, signals: Signals) -> None:
    async with Database(path, signals) as database:
        await database.write(lambda tx: tx.execute("CREATE TABLE ducks (n INTEGER PRIMARY KEY) STRICT"))
        database.leave(duck(1), owner=7)
    assert ducks(path) == [1]


async def test_units_that_are_left_again_and_again_do_not_put_off_the_commit(database: Database) -> None:
    for number in range(10_000):
        database.leave(duck(number), owner=7)
        await asyncio.sleep(0)
        if ducks(database.path):
            return
    pytest.fail("nothing was committed")
