"""Receiving and claiming: each message once, each conversation one run at a time, whoever has waited longest first."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.proposals import Reply
from runtime.records import Attachment, ConversationRef, IncomingMessage, RunId
from runtime.states import RunStatus
from tests.storage.desk import (
    ALICE,
    DAWN,
    EVERYWHERE,
    POND,
    Desk,
    asks,
    intake,
    look,
    message,
    open_desk,
    thread,
)
from tests.storage.strain import child, race


async def take_in(desk: Desk, incoming: IncomingMessage, *, claim: bool = False) -> RunId | None:
    received = await desk.store.receive(intake(incoming), desk.now, claim=claim)
    return received.run.id if received.run else None


# once


@pytest.mark.promise(23)
async def test_a_message_becomes_one_run_however_often_it_comes_also_after_a_restart(path: Path) -> None:
    async with open_desk(path) as desk:
        assert await take_in(desk, message("m1")) == 1
        assert await take_in(desk, message("m1", text="the same, edited")) is None
        assert desk.store.was_received(message("m1"))
    async with open_desk(path) as desk:
        assert await take_in(desk, message("m1"), claim=True) is None
        assert desk.store.was_received(message("m1"))
        assert not desk.store.was_received(message("m2"))
        assert look(path, "SELECT count(*) FROM runs") == [(1,)]


@pytest.mark.promise(23)
async def test_two_processes_that_receive_the_same_messages_make_one_run_of_each(path: Path) -> None:
    async with open_desk(path):
        said = race([child("receive_in_a_race", path) for _ in range(2)])
        assert sum(map(int, said)) == 10
        assert look(path, "SELECT count(*), count(DISTINCT message_id) FROM runs") == [(10, 10)]


@pytest.mark.parametrize(
    "elsewhere",
    [
        ConversationRef(platform="discord", space="T1", channel="C1", thread="10.1"),
        ConversationRef(platform="slack", space="T2", channel="C1", thread="10.1"),
        ConversationRef(platform="slack", space="T1", channel="C2", thread="10.1"),
    ],
    ids=["platform", "space", "channel"],
)
async def test_the_same_number_elsewhere_is_another_message(desk: Desk, elsewhere: ConversationRef) -> None:
    assert await take_in(desk, message("m1")) == 1
    assert await take_in(desk, message("m1", where=elsewhere)) == 2


async def test_the_same_number_in_another_thread_of_a_channel_is_the_same_message(desk: Desk) -> None:
    assert await take_in(desk, message("m1", where=thread(1))) == 1
    assert await take_in(desk, message("m1", where=thread(2))) is None


async def test_a_command_is_answered_once_and_never_becomes_a_run(desk: Desk) -> None:
    reply = Reply(where=POND, direct=False, person=ALICE, kind="page", body={"title": "Help"})

    assert await desk.store.receive_command(message("m1"), reply, desk.now)
    assert not await desk.store.receive_command(message("m1"), reply, desk.now)

    assert await take_in(desk, message("m1")) is None
    assert [delivery.kind for delivery in await desk.deliver()] == ["page"]


async def test_what_was_received_is_the_run_that_the_record_has(desk: Desk) -> None:
    incoming = message(
        attachments=(Attachment(name="a.txt", media_type="text/plain", size=3, source="F1"),), text="read & <this> 🦆"
    )
    for claim in (False, True):
        where = thread(int(claim))
        given = IncomingMessage(
            id=f"m{claim}",
            where=where,
            author=ALICE,
            text=incoming.text,
            sent_at=DAWN,
            attachments=incoming.attachments,
        )
        received = await desk.store.receive(intake(given), desk.now, claim=claim)
        assert received.run is not None
        assert received.run == desk.run(received.run)
        assert (received.lease is not None) is claim


# in order


@pytest.mark.promise(26)
async def test_runs_of_a_conversation_go_in_the_order_in_which_people_wrote(desk: Desk) -> None:
    await desk.receive("second", at=DAWN + timedelta(seconds=2))
    await desk.receive("third", at=DAWN + timedelta(seconds=3))
    await desk.receive("first", at=DAWN + timedelta(seconds=1))

    worked = []
    for _ in range(3):
        (claimed,) = await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=9)
        worked.append(claimed.run.message_id)
        await desk.finish(claimed)

    assert worked == ["first", "second", "third"]


@pytest.mark.promise(26)
async def test_a_message_during_a_run_waits_its_turn_and_the_person_is_told(desk: Desk) -> None:
    first = await desk.store.receive(intake(message("m1")), desk.now, claim=True)
    second = await desk.store.receive(intake(message("m2")), desk.now, claim=True)

    assert first.lease is not None
    assert second.lease is None
    assert second.run is not None
    (notice,) = await desk.deliver()
    assert (notice.kind, notice.run_id, notice.body) == ("notice", second.run.id, {"markdown": "One moment."})
    assert await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=9) == []


async def test_only_a_running_run_occupies_its_conversation(desk: Desk) -> None:
    waiting = await desk.suspend(asks())

    received = await desk.store.receive(intake(message("meanwhile", where=waiting.where)), desk.now, claim=True)

    assert received.lease is not None
    assert [delivery.kind for delivery in await desk.deliver()] == ["card"]


async def test_a_message_is_claimed_in_the_commit_that_receives_it(desk: Desk) -> None:
    before = desk.store.database.commits
    received = await desk.store.receive(intake(), desk.now, claim=True)
    assert received.lease is not None
    assert desk.store.database.commits == before + 1
    await desk.store.record_attachments(received.lease, ())


@pytest.mark.promise(34)
async def test_the_database_itself_refuses_a_second_running_run(desk: Desk) -> None:
    for number in range(2):
        await desk.receive(f"m{number}")
    await desk.claim()
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        await desk.write(lambda tx: tx.execute("UPDATE runs SET status = 'running', lease_token = 1 WHERE id = 2"))


@pytest.mark.promise(34)
async def test_two_processes_that_claim_at_once_work_no_run_twice_and_keep_the_order(path: Path) -> None:
    async with open_desk(path) as desk:
        for number in range(60):
            await desk.receive(f"m{number}", where=thread(number % 10), at=DAWN + timedelta(seconds=number))

        said = race([child("claim_in_a_race", path) for _ in range(2)])

        lines = [line for each in said for line in each.splitlines() if line != "end"]
        claimed = [tuple(map(int, line.split())) for line in lines]
        assert sorted(run_id for run_id, _ in claimed) == list(range(1, 61))
        worked = look(path, "SELECT run_id FROM events WHERE type = 'run_completed' ORDER BY at, run_id")
        assert len(worked) == 60
        for each in said:
            mine = [tuple(map(int, line.split())) for line in each.splitlines() if line != "end"]
            for place in {place for _, place in mine}:
                turns = [run_id for run_id, where in mine if where == place]
                assert turns == sorted(turns), "an earlier message of the conversation came later"
        assert desk.breaks() == []


async def test_resumed_runs_go_first_then_whoever_asked_first(desk: Desk) -> None:
    waiting = await desk.suspend(asks())
    await desk.receive("early", where=thread(50), at=DAWN - timedelta(hours=2))
    await desk.receive("late", where=thread(51), at=DAWN - timedelta(hours=1))
    await desk.receive("behind", where=waiting.where, at=DAWN - timedelta(hours=3))
    await desk.settle(1)

    claimed = await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=9)

    assert [each.run.message_id for each in claimed] == [waiting.message_id, "early", "late"]


async def test_no_more_are_claimed_than_there_is_room_for(desk: Desk) -> None:
    for number in range(5):
        await desk.receive(f"m{number}", where=thread(number))
    assert len(await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=2)) == 2
    assert len(await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=9)) == 3


@pytest.mark.promise(34)
async def test_a_process_claims_runs_of_its_own_platforms_only(desk: Desk) -> None:
    await desk.receive("m1")
    assert await desk.store.claim(desk.now, platforms=frozenset({"terminal"}), limit=9) == []
    assert await desk.store.claim(desk.now, platforms=frozenset(), limit=9) == []
    assert len(await desk.store.claim(desk.now, platforms=frozenset({"terminal", "slack"}), limit=9)) == 1


async def test_looking_for_work_where_there_is_none_costs_no_commit(desk: Desk) -> None:
    before = desk.store.database.commits
    assert await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=9) == []
    assert await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=9) == []
    assert desk.store.database.commits == before


@pytest.mark.promise(24)
async def test_a_conversation_remembers_its_newest_message_whatever_order_they_came_in(desk: Desk) -> None:
    await desk.receive("newest", at=DAWN + timedelta(seconds=9))
    await desk.receive("older", at=DAWN)
    await desk.receive("other", where=thread(2), at=DAWN + timedelta(hours=1))

    seen = desk.store.list_seen("slack")

    assert [(each.where, each.last_id) for each in seen] == [(thread(2), "other"), (POND, "newest")]
    assert seen[1].last_at == DAWN + timedelta(seconds=9)
    assert desk.store.list_seen("discord") == ()


async def test_a_platform_is_served_since_the_first_time_however_often_it_begins(desk: Desk) -> None:
    first = await desk.store.begin_serving("discord", DAWN)
    again = await desk.store.begin_serving("discord", DAWN + timedelta(days=3))
    other = await desk.store.begin_serving("slack", DAWN + timedelta(days=3))

    assert (first, again, other) == (DAWN, DAWN, DAWN + timedelta(days=3))


async def test_turns_are_those_before_a_run_oldest_first(desk: Desk) -> None:
    first = await desk.receive("m1")
    await desk.finish(await desk.claim())
    second = await desk.receive("m2")
    await desk.receive("m3")

    (turn,) = desk.store.load_turns(second.conversation_id, second.id, limit=20)
    assert (turn.run_id, turn.answer, turn.status) == (first.id, "It is done.", RunStatus.COMPLETED)
    turns = desk.store.load_turns(second.conversation_id, RunId(99), limit=2)
    assert [turn.request for turn in turns] == ["please, m2", "please, m3"]
