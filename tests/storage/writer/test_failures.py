"""Units that fail stay alone, commits that fail say so to their whole group, and nobody builds on what was not kept."""

import asyncio
import sqlite3

import pytest

from runtime.errors import DatabaseUnusable
from storage.database import Database
from storage.transaction import Unit
from tests.storage.strain import held_by_another, no_room_beyond
from tests.storage.writer.ducks import asks_wrongly, duck, ducks, fails_after_writing


@pytest.mark.parametrize(
    ("unit", "error"),
    [
        (fails_after_writing(ValueError("no")), ValueError),
        (fails_after_writing(StopIteration()), RuntimeError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES (100)"), sqlite3.IntegrityError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES ('quack')"), sqlite3.IntegrityError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES (?)"), sqlite3.ProgrammingError),
        (asks_wrongly("INSERT INTO ducks (n) VALUES (?)", object()), sqlite3.Error),
        (asks_wrongly("INSERT INTO geese (n) VALUES (1)"), sqlite3.OperationalError),
        (asks_wrongly("SELECT ?", "\ud800"), UnicodeEncodeError),
        (asks_wrongly("SELECT ?", 2**70), OverflowError),
    ],
    ids=[
        "its-own",
        "nothing-next",
        "unique",
        "strict",
        "too-few",
        "not-a-value",
        "no-table",
        "lone-surrogate",
        "too-large",
    ],
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


@pytest.mark.promise(35)
async def test_a_database_that_another_program_holds_fails_with_advice_and_then_goes_on(database: Database) -> None:
    await database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 50").fetchone())

    advice = pytest.raises(DatabaseUnusable, match="another program holds it locked: end that program")
    with held_by_another(database.path), advice:
        await database.write(duck(1))

    await database.write(duck(2))
    assert ducks(database.path) == [2]


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
