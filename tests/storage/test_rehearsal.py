"""What is played through when a database is opened leaves prepared statements behind, and nothing else."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runtime.records import ApprovalId
from runtime.signals import Signals
from storage.database import Database
from storage.rehearsal import rehearse
from tests.storage.desk import DONE, asks, first_call, intake, look, open_desk, proposal, says


def dump(path: Path) -> list[str]:
    """Every row of every table, the sequences of the ids among them."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        return [f"{name}: {row}" for (name,) in tables for row in connection.execute(f"SELECT * FROM {name}")]


def listening(heard: list[str]) -> type[sqlite3.Connection]:
    class Listening(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            heard.append(sql)
            return super().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
            heard.append(sql)
            return super().executemany(sql, parameters)

    return Listening


async def lived_in(path: Path) -> None:
    """A database with a run that waits and one that has ended."""
    async with open_desk(path) as desk:
        await desk.suspend(asks())
        await desk.finish(await desk.start())


@pytest.mark.parametrize("old", [True, False], ids=["lived-in", "new"])
async def test_a_rehearsal_leaves_no_trace(path: Path, old: bool) -> None:
    if old:
        await lived_in(path)
    async with Database(path, Signals()):
        pass  # the schema, and the installation's key
    before, heard = dump(path), list[str]()

    async with Database(path, Signals(), rehearsal=rehearse, writing_with=listening(heard)) as database:
        assert database.commits == 0

    assert dump(path) == before
    assert any("INSERT INTO runs" in sql for sql in heard), "nothing was rehearsed"
    assert heard[-2:] == ["ROLLBACK", "PRAGMA busy_timeout = 5000"]
    assert "COMMIT" not in heard


async def test_nobody_waits_for_a_rehearsal(path: Path) -> None:
    heard = list[str]()
    async with Database(path, Signals(), rehearsal=rehearse, writing_with=listening(heard)):
        begun = len(heard) - heard[::-1].index("BEGIN IMMEDIATE")
    assert heard[begun - 2] == "PRAGMA busy_timeout = 0"


async def test_a_run_from_its_message_to_its_answer_executes_nothing_that_was_not_prepared(path: Path) -> None:
    heard = list[str]()
    async with open_desk(path, writing_with=listening(heard)) as desk:
        prepared = set(heard)
        received = await desk.store.receive(intake(), desk.now, claim=True)
        assert received.run is not None
        assert received.lease is not None
        await desk.store.record_step(
            received.lease, received.run, desk.now, text="", calls=(proposal(asks()),), facts=()
        )
        claimed = (await desk.store.settle(ApprovalId(1), says(), grant=None, claim=True)).claimed
        assert claimed is not None
        call = first_call(claimed.run)
        run = await desk.store.record_observation(claimed.lease, claimed.run, call, DONE, desk.now)
        await desk.store.record_step(claimed.lease, run, desk.now, text="", calls=(), facts=())
        await desk.finish(claimed)
        assert [sql for sql in heard if sql not in prepared and "units" not in sql] == []


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("no such table: anything"), AssertionError("somebody is on this stage")]
)
async def test_a_database_opens_also_where_the_rehearsal_fails(path: Path, error: Exception) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        rehearse(connection)
        raise error

    async with Database(path, Signals(), rehearsal=fails) as database:
        await database.write(lambda tx: tx.execute("UPDATE installation SET created_at = created_at + 1"))
    assert look(path, "SELECT count(*) FROM runs") == [(0,)]
