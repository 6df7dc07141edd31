"""Somebody with the file in hands: whatever they edit, remove, move or invent in the trail is found."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.facts import EventType, Fact
from storage.events import Break, append_events, erase_payloads, verify_chain
from storage.pruning import prune
from tests.storage.acquaintances import meet
from tests.storage.desk import ALICE, DAWN, READY, Desk, asks, look, open_desk, tamper
from tests.storage.forger import Forger

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
