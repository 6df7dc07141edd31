"""Migrations: each applied once, together with its record, by however many processes start."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from runtime.errors import DatabaseTooNew, DatabaseUnusable
from runtime.signals import Signals
from storage.database import Database
from storage.migrate import Migration, known_migrations, migrate
from tests.storage.blank import lay_blank
from tests.storage.desk import look, open_desk
from tests.storage.strain import child, race

# What each migration's file is. Until the first release a migration may still be edited, and its digest here with it
# (`python -c "from storage.migrate import known_migrations as k; print([(m.name, m.digest) for m in k()])"`).
# Once released, a line of this table never changes: a change of the schema is a new file and a new line.
FROZEN = {
    "0001_core": "be17c278b32492c9505a4dc4179c36d295e1833014f082709f2f2e8c6f513404",
    "0002_people": "636bb8991a6791714906f9c3d3685f59c83e920f19762a5ef6a5c84da3a587c8",
    "0003_platforms": "23334629f33f22c6569bda43f49982c434bb539082b26ce029b11437aa174975",
    "0004_policy": "258df02969ff35b53a6cf2237a49482e775c573b041b64e4ac17b9e6470227b5",
    "0005_memory": "34dd77efbe20d27efe42fc528757f75053923a692bfe8172bf70d0110ac53fce",
}

DUCKS = Migration(number=1, name="0001_ducks", sql="CREATE TABLE ducks (n INTEGER);\n")
GEESE = Migration(number=2, name="0002_geese", sql="CREATE TABLE geese (n INTEGER);\nINSERT INTO geese VALUES (1);\n")
BROKEN = Migration(number=2, name="0002_geese", sql="CREATE TABLE geese (n INTEGER);\nINSERT INTO swans VALUES (1);\n")


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        yield opened


def tables(path: Path) -> list[str]:
    return [row[0] for row in look(path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]


def records(path: Path) -> list[tuple[int, str, int]]:
    return look(path, "SELECT number, name, applied_at FROM migrations ORDER BY number")


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def test_released_migrations_are_frozen() -> None:
    assert {migration.name: migration.digest for migration in known_migrations()} == FROZEN


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    numbers = [migration.number for migration in known_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_is_applied_once_together_with_its_record(path: Path, connection: sqlite3.Connection) -> None:
    migrate(connection, str(path), (DUCKS,))
    first = records(path)
    migrate(connection, str(path), (DUCKS, GEESE))
    migrate(connection, str(path), (DUCKS, GEESE))

    assert tables(path) == ["ducks", "geese", "migrations"]
    assert [record[:2] for record in records(path)] == [(1, "0001_ducks"), (2, "0002_geese")]
    assert records(path)[:1] == first
    assert look(path, "SELECT n FROM geese") == [(1,)]


def test_one_that_fails_halfway_leaves_nothing_and_can_be_mended(path: Path, connection: sqlite3.Connection) -> None:
    migrate(connection, str(path), (DUCKS,))

    with pytest.raises(sqlite3.OperationalError, match="swans"):
        migrate(connection, str(path), (DUCKS, BROKEN))

    assert tables(path) == ["ducks", "migrations"]
    assert [record[0] for record in records(path)] == [1]
    assert not connection.in_transaction
    migrate(connection, str(path), (DUCKS, GEESE))
    assert tables(path) == ["ducks", "geese", "migrations"]


def test_a_kill_in_the_middle_leaves_nothing(path: Path) -> None:
    with child("die_in_a_migration", path) as dying:
        assert dying.wait(timeout=60) == -9

    assert tables(path) == []


def test_from_every_earlier_version_the_same_schema_is_reached(tmp_path: Path) -> None:
    known = known_migrations()
    reached = set()
    for done in range(len(known) + 1):
        path = tmp_path / f"from-{done}.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            migrate(connection, str(path), known[:done])
            migrate(connection, str(path), known)
        reached.add(tuple(look(path, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")))
    assert len(reached) == 1


async def test_a_blank_of_the_tests_is_what_opening_a_new_file_makes(tmp_path: Path) -> None:
    laid, made = tmp_path / "laid.db", tmp_path / "made.db"
    lay_blank(laid)
    assert look(laid, "SELECT * FROM installation") == []
    for path in (laid, made):
        async with Database(path, Signals()):
            pass
    for question in (
        "SELECT type, name, tbl_name, sql FROM sqlite_schema", "SELECT number, name, digest FROM migrations",
        "PRAGMA journal_mode", "PRAGMA page_size", "PRAGMA auto_vacuum", "PRAGMA encoding", "PRAGMA user_version",
    ):  # fmt: skip
        assert look(laid, question) == look(made, question)
    assert look(laid, "SELECT key FROM installation") != look(made, "SELECT key FROM installation")


@pytest.mark.promise(34)
def test_processes_that_start_at_once_found_one_database(path: Path) -> None:
    said = [words.split() for words in race([child("open_at_once", path) for _ in range(3)])]

    installations, workers = {words[0] for words in said}, {words[1] for words in said}
    assert len(installations) == 1
    assert len(workers) == 3
    assert len(records(path)) == len(known_migrations())
    assert look(path, "SELECT count(*) FROM installation") == [(1,)]


@pytest.mark.promise(34)
async def test_a_new_file_that_many_open_at_once_is_opened_by_all(tmp_path: Path) -> None:
    for round_ in range(20):
        path = tmp_path / f"{round_}.db"
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as together:
            for database in [Database(path, Signals()) for _ in range(6)]:
                together.create_task(opened.enter_async_context(database))


@pytest.mark.promise(34)
def test_many_that_upgrade_at_once_apply_each_migration_once(tmp_path: Path) -> None:
    for round_ in range(20):
        path = tmp_path / f"{round_}.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, str(path), (DUCKS,))
        together = threading.Barrier(4)

        with ThreadPoolExecutor(4) as threads:
            for done in [threads.submit(_upgrade, path, together) for _ in range(4)]:
                done.result()

        assert look(path, "SELECT n FROM geese") == [(1,)]


def _upgrade(path: Path, together: threading.Barrier) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        together.wait()
        migrate(connection, str(path), (DUCKS, GEESE))


@pytest.mark.promise(35)
async def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    async with open_desk(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO migrations VALUES (9000, '9000_later', 'x', 0)")
    before = content_of(path)

    with pytest.raises(DatabaseTooNew, match=r"written by a newer Mallard .* format is 9000"):
        async with open_desk(path):
            pass

    assert content_of(path) == before


@pytest.mark.promise(35)
async def test_a_database_of_another_build_of_the_same_format_is_refused(path: Path) -> None:
    async with open_desk(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE migrations SET digest = 'x' WHERE number = 1")

    with pytest.raises(DatabaseUnusable, match="another build of format 1"):
        async with open_desk(path):
            pass
