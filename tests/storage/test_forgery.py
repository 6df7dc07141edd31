"""Somebody with the file in hands: whatever they edit, remove, move or invent in the trail is found."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from runtime.facts import EventType, Fact
from storage.events import Break, append_events, erase_payloads, verify_chain
from storage.pruning import prune
from tests.storage.acquaintances import meet
from tests.storage.desk import ALICE, DAWN, READY, Desk, asks, look, open_desk, tamper

pytestmark = pytest.mark.promise(38)

SECRET = "the duck's own telephone number"


async def live(desk: Desk) -> None:
    """A little of everything that leaves a trail."""
    finished = await desk.start()
    await desk.finish(finished)
    await desk.deliver()
    await desk.write(lambda tx: prune(tx, desk.now + timedelta(hours=1), desk.now))
    await desk.finish(await desk.start(READY, asks(), asks()))
    waiting = await desk.suspend(asks())
    refusal = Fact(EventType.APPROVAL_REFUSED, {"why": "a stranger"})
    await desk.store.record_outside(waiting.id, (refusal,), desk.now)
    await desk.suspend(asks(until=DAWN + timedelta(minutes=1)))
    await desk.store.expire_due(desk.clock.pass_(minutes=2))
    moving = await desk.suspend(asks())
    forgetful = await desk.start(READY, asks())
    said = (Fact(EventType.COGNITION_RESPONSE, {"text": SECRET}),)
    await desk.store.record_outside(forgetful.run.id, said, desk.now)
    await desk.finish(forgetful)
    count = len(desk.events_of(forgetful.run))
    await desk.write(lambda tx: erase_payloads(tx, forgetful.run.id, range(1, count), desk.now))
    stopped = await desk.suspend(asks())
    await desk.store.cancel(stopped.id, desk.now, by=ALICE)
    await desk.settle(desk.approvals_of(moving)[0])
    await desk.claim()  # it moves again: only its event count says how far it has come
    await desk.receive("queued")
    await meet(desk)


@cache
def history(folder: Path) -> Path:
    path = folder / "history.db"

    async def write() -> None:
        async with open_desk(path) as desk:
            await live(desk)

    asyncio.run(write())
    return path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return history(tmp_path_factory.mktemp("trail"))


def breaks_of(path: Path) -> list[Break]:
    with closing(sqlite3.connect(path)) as connection:
        return list(verify_chain(connection))


def test_what_was_only_written_by_mallard_verifies(written: Path) -> None:
    assert breaks_of(written) == []


# Each column by which a row takes part in the trail, and how to make another value of the one that it has.
Change = Callable[[Any], Any]
more: Change = lambda value: value + 1  # noqa: E731
other_bytes: Change = lambda value: bytes([value[0] ^ 1]) + value[1:]  # noqa: E731
EDITS: dict[str, dict[str, Change]] = {
    "events": {
        "run_id": more,
        "seq": more,
        "type": lambda value: value + "s",
        "at": more,
        "payload_hash": other_bytes,
        "hash": other_bytes,
    },
    "payloads": {
        "run_id": more,
        "seq": more,
        "salt": other_bytes,
        "body": lambda value: value.replace(b"{", b'{"x":1,', 1),
    },
    "heads": {
        "n": lambda value: value + 1_000,
        "run_id": more,
        "count": more,
        "head": other_bytes,
        "hash": other_bytes,
    },
    "link_events": {
        "n": lambda value: value + 1_000,
        "type": lambda value: "link_expired" if value != "link_expired" else "link_refused",
        "at": more,
        "body": lambda value: value.replace(b"UALICE", b"UEVE").replace(b"UBOB", b"UEVE"),
        "hash": other_bytes,
    },
    "runs": {"id": lambda value: value + 1_000, "event_count": more, "event_head": other_bytes},
}


def rows_of(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    columns = EDITS[table]
    order = ", ".join(list(columns)[:2])
    found = connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}").fetchall()
    return [dict(zip(columns, row, strict=True)) for row in found]


def where(table: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    names = {
        "events": ["run_id", "seq"],
        "payloads": ["run_id", "seq"],
        "heads": ["n"],
        "link_events": ["n"],
        "runs": ["id"],
    }[table]
    return " AND ".join(f"{name} = ?" for name in names), [row[name] for name in names]


class Forger:
    """Somebody with the file in hands, at one row of it."""

    def __init__(self, path: Path, data: st.DataObject) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.data = data
        self.table = data.draw(st.sampled_from(sorted(EDITS)), label="table")
        self.rows = rows_of(self.connection, self.table)
        self.row = data.draw(st.sampled_from(self.rows), label="row")

    def edit(self) -> None:
        column = self.data.draw(st.sampled_from(sorted(EDITS[self.table])), label="column")
        value = EDITS[self.table][column](self.row[column])
        clause, key = where(self.table, self.row)
        self._try(f"UPDATE {self.table} SET {column} = ? WHERE {clause}", [value, *key])

    def remove(self) -> None:
        clause, key = where(self.table, self.row)
        self.connection.execute(f"DELETE FROM {self.table} WHERE {clause}", key)

    def swap(self) -> None:
        """Two rows change places: each takes what the other says beside its key."""
        other = self.data.draw(st.sampled_from([row for row in self.rows if row != self.row]), label="other")
        said = [name for name in EDITS[self.table] if name not in ("run_id", "seq", "n", "id") or self.table == "heads"]
        said = [name for name in said if name != "n"]
        assume(any(self.row[name] != other[name] for name in said))
        for to, of in ((self.row, other), (other, self.row)):
            clause, key = where(self.table, to)
            assignments = ", ".join(f"{name} = ?" for name in said)
            self.connection.execute(
                f"UPDATE {self.table} SET {assignments} WHERE {clause}", [*(of[name] for name in said), *key]
            )

    def invent(self) -> None:
        """One more row, made after one that is there."""
        columns = [row[1] for row in self.connection.execute(f"PRAGMA table_info({self.table})")]
        key = {"events": "seq", "payloads": "seq", "heads": "n", "link_events": "n", "runs": "id"}[self.table]
        beyond = max(row[key] for row in self.rows) + self.data.draw(st.integers(1, 3), label="beyond")
        values = ", ".join("?" if name == key else name for name in columns)
        clause, place = where(self.table, self.row)
        self._try(
            f"INSERT INTO {self.table} ({', '.join(columns)}) SELECT {values} FROM {self.table} WHERE {clause}",
            [beyond, *place],
        )

    def _try(self, sql: str, parameters: list[Any]) -> None:
        try:
            self.connection.execute(sql, parameters)
        except sqlite3.IntegrityError:
            assume(False)  # another row has that number, or runs in that conversation


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), deed=st.sampled_from(["edit", "remove", "swap", "invent"]))
def test_whatever_is_edited_removed_moved_or_invented_is_found(
    written: Path, tmp_path: Path, data: st.DataObject, deed: str
) -> None:
    path = tmp_path / "forged.db"
    shutil.copyfile(written, path)
    tamper(path)
    forger = Forger(path, data)
    with closing(forger.connection):
        getattr(forger, deed)()

    assert breaks_of(path), "nobody would have noticed"


@pytest.mark.parametrize(
    "forgery",
    [
        "DELETE FROM heads WHERE n = (SELECT max(n) FROM heads)",
        "DELETE FROM runs WHERE id = (SELECT max(id) FROM runs)",
        "DELETE FROM events WHERE (run_id, seq) IN (SELECT id, event_count FROM runs)",
        "UPDATE payloads SET body = CAST(substr(salt, 16) || body AS BLOB), salt = substr(salt, 1, 15) "
        "WHERE run_id = (SELECT max(id) FROM runs)",
        "UPDATE payloads SET body = x'00' WHERE (run_id, seq) IN (SELECT run_id, seq FROM events WHERE type = 'payload_erased')",
        "INSERT INTO payloads SELECT run_id, 1, salt, body FROM payloads WHERE run_id = "
        "(SELECT run_id FROM events WHERE type = 'payload_erased') ORDER BY seq LIMIT 1",
        "UPDATE runs SET event_count = 0, event_head = zeroblob(32)",
        "UPDATE runs SET event_count = event_count + 1 WHERE status IN ('queued', 'running')",
        "UPDATE runs SET event_head = zeroblob(32) WHERE status IN ('queued', 'running')",
        "INSERT INTO events SELECT run_id + 1000, seq, type, at, payload_hash, hash FROM events WHERE seq = 1",
        "DELETE FROM link_events WHERE n = (SELECT max(n) FROM link_events)",
        "DELETE FROM link_events",
    ],
    ids=[
        "last-head", "last-run", "last-events", "salt-moved", "erasure-unreadable", "erased-and-back", "no-trail",
        "count-of-a-moving-run", "head-of-a-moving-run", "events-of-no-run", "last-link-event", "no-link-events",
    ],
)  # fmt: skip
def test_what_needs_a_second_look_is_found_too(written: Path, tmp_path: Path, forgery: str) -> None:
    path = tmp_path / "forged.db"
    shutil.copyfile(written, path)
    tamper(path, forgery)
    assert breaks_of(path)


async def test_the_last_head_is_missed_also_when_its_run_moves_on(path: Path) -> None:
    async with open_desk(path) as desk:
        await desk.suspend(asks())
        await desk.settle(1)
        await desk.claim()
    assert breaks_of(path) == []

    tamper(path, "DELETE FROM heads WHERE n = (SELECT max(n) FROM heads)")

    assert [each.what for each in breaks_of(path)] == ["head 1 of the installation's chain is missing"]


async def test_what_is_appended_to_a_run_at_rest_behind_its_back_is_found(desk: Desk) -> None:
    run = await desk.suspend(asks())
    invented = Fact(EventType.APPROVAL_DECIDED, {"by": "slack:T1/UNOBODY"})

    await desk.write(lambda tx: append_events(tx, run.id, desk.now, [invented]))

    assert [each.what for each in desk.breaks()] == [
        "the run is at rest, and the installation's chain does not end where it does"
    ]


async def test_a_whole_run_that_disappears_with_its_events_is_found(written: Path, tmp_path: Path) -> None:
    for (run_id,) in look(written, "SELECT id FROM runs"):
        path = tmp_path / f"without-{run_id}.db"
        shutil.copyfile(written, path)
        gone = [f"DELETE FROM {table} WHERE run_id = {run_id}" for table in ("events", "payloads")]
        tamper(path, *gone, f"DELETE FROM runs WHERE id = {run_id}")
        assert f"run {run_id} is missing" in [each.what for each in breaks_of(path)]
