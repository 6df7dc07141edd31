"""Units that nobody waits for: durable soon, undone alone, and their failure is told to whoever left them."""

import asyncio
from pathlib import Path

import pytest

from runtime.errors import DatabaseUnusable
from runtime.signals import Signal, Signals
from storage.database import Database
from tests.storage.strain import no_room_beyond
from tests.storage.writer.ducks import duck, ducks, fails_after_writing


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
