"""The audit trail: append-only, chained, and able to forget what was said without forgetting that it happened."""

import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from runtime.facts import EventType, Fact
from runtime.records import RunId, Verdict
from storage.events import erase_payloads
from storage.pruning import prune
from storage.transaction import Transaction
from tests.storage.desk import READY, Desk, asks, open_desk

pytestmark = pytest.mark.promise(38)

SECRET = "the duck's own telephone number"


def _execute(statement: str, tx: Transaction) -> None:
    tx.execute(statement)


async def test_mallard_itself_cannot_change_or_remove_what_happened(desk: Desk) -> None:
    run = await desk.suspend(asks())
    await desk.settle(desk.approvals_of(run)[0])
    for statement in (
        "UPDATE events SET at = at + 1",
        "DELETE FROM events",
        "UPDATE heads SET count = 0",
        "DELETE FROM heads",
        "UPDATE decisions SET comment = 'no'",
        "UPDATE tool_calls SET arguments = '{}'",
        "DELETE FROM tool_calls",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=r"is never|goes only with"):
            await desk.write(partial(_execute, statement))
    assert desk.breaks() == []


async def test_forgetting_leaves_a_trail_that_verifies_and_says_that_it_was_done(desk: Desk) -> None:
    claimed = await desk.start(READY, asks())
    said = (Fact(EventType.COGNITION_RESPONSE, {"text": SECRET}), Fact(EventType.COGNITION_RESPONSE, {"text": "kept"}))
    await desk.store.record_outside(claimed.run.id, said, desk.now)
    await desk.finish(claimed)
    run = claimed.run
    spoken = [event.seq for event in desk.store.load_events(run.id) if event.body == {"text": SECRET}]

    assert await desk.write(lambda tx: erase_payloads(tx, run.id, spoken, desk.now)) == 1

    events = {event.seq: event for event in desk.store.load_events(run.id)}
    assert events[spoken[0]].body is None
    assert events[spoken[0]].type == "cognition_response"
    assert events[spoken[0] + 1].body == {"text": "kept"}
    assert events[max(events)].type == "payload_erased"
    assert events[max(events)].body == {"events": spoken}
    assert desk.breaks() == []


async def test_what_was_forgotten_is_not_in_the_file_any_more(path: Path) -> None:
    async with open_desk(path) as desk:
        claimed = await desk.start()
        said = (Fact(EventType.COGNITION_RESPONSE, {"text": SECRET}),)
        await desk.store.record_outside(claimed.run.id, said, desk.now)
        await desk.finish(claimed)
    assert SECRET.encode() in content_of(path)

    async with open_desk(path) as desk:
        await desk.write(lambda tx: erase_payloads(tx, 1, range(1, 10), desk.now))
        assert desk.breaks() == []
    assert SECRET.encode() not in content_of(path)


def content_of(path: Path) -> bytes:
    return path.read_bytes()


async def test_forgetting_twice_is_forgetting_once_and_the_record_of_it_stays(desk: Desk) -> None:
    claimed = await desk.start()
    await desk.finish(claimed)
    run_id = RunId(claimed.run.id)

    assert await desk.write(lambda tx: erase_payloads(tx, run_id, range(1, 100), desk.now)) == 2
    before = desk.events_of(claimed.run)
    assert await desk.write(lambda tx: erase_payloads(tx, run_id, range(1, 100), desk.now)) == 0

    assert desk.events_of(claimed.run) == before
    assert desk.breaks() == []


async def test_a_run_that_moves_can_forget_as_well(desk: Desk) -> None:
    claimed = await desk.start()
    assert await desk.write(lambda tx: erase_payloads(tx, claimed.run.id, [1], desk.now)) == 1
    assert desk.breaks() == []
    await desk.finish(claimed)
    assert desk.breaks() == []


async def test_pruning_leaves_a_trail_that_verifies(desk: Desk) -> None:
    for _ in range(3):
        await desk.finish(await desk.start(READY, asks()))
    waiting = await desk.suspend(asks())
    while await desk.deliver():
        pass

    assert await desk.write(lambda tx: prune(tx, desk.now + timedelta(days=1), desk.now)) == 3

    assert desk.store.find_run(RunId(1)) is None
    assert desk.run(waiting).status == "waiting"
    assert desk.breaks() == []
    assert desk.store.database.read_rows("SELECT count(*) FROM tool_calls") == [(1,)]


async def test_events_come_in_order_with_what_they_say(desk: Desk) -> None:
    run = await desk.suspend(asks())
    await desk.settle(desk.approvals_of(run)[0], Verdict.DENY, comment="not today")

    events = desk.store.load_events(run.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events] == [
        "run_created", "tool_approval_requested", "run_waiting_for_approval", "approval_decided", "run_continued",
    ]  # fmt: skip
    decided = events[3].body
    assert decided is not None
    assert decided["verdict"] == "deny"
    assert decided["by"] == "slack:T1/UBOB"
    assert decided["where"] == "slack:T1/C1"
    assert decided["comment"] == "not today"
    assert decided["digest"] == "ab" * 32
    assert [event.seq for event in desk.store.load_events(run.id, after=2, limit=2)] == [3, 4]
