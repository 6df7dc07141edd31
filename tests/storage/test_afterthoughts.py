"""Afterthoughts on record: owed with an ending, held by a token, freed with the process that held them, done once."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.afterthoughts.legacy import Legacy
from runtime.afterthoughts.records import Afterthought, AfterthoughtKind, Experience, Judgement, Thought
from runtime.errors import LeaseLost
from runtime.facts import EventType, Fact
from runtime.memory.records import MemoryId, MemoryScope, MemoryType, NewMemory, Place
from runtime.pauses import LONGEST_ABSENCE
from runtime.proposals import Claimed, Ending
from runtime.records import RunId
from runtime.signals import Signal
from storage.afterthinking import AFTERTHOUGHT_LEASE
from storage.events import erase_payloads
from tests.storage.desk import ALICE, EVERYWHERE, Desk, open_desk, thread

BOTH = Legacy(afterthoughts=(AfterthoughtKind.MEMORY, AfterthoughtKind.REFLECTION))
ONE = Legacy(afterthoughts=(AfterthoughtKind.MEMORY,))
CHANNEL = Place(MemoryScope.CONVERSATION, "slack:T1/C1")
DECIDED = Fact(EventType.MEMORY_POLICY_DECISION, {"store": True})


async def end(desk: Desk, legacy: Legacy = ONE, ending: Ending = Ending.ANSWERED) -> RunId:
    claimed = await desk.start()
    await finish(desk, claimed, legacy, ending)
    return claimed.run.id


async def finish(desk: Desk, claimed: Claimed, legacy: Legacy, ending: Ending = Ending.ANSWERED) -> None:
    await desk.store.finish(
        claimed.lease, claimed.run, desk.now, ending=ending, text="It is done.", facts=(), streamed=False, legacy=legacy
    )


async def take(desk: Desk) -> Afterthought:
    held = await desk.store.claim_afterthought(desk.now, platforms=EVERYWHERE)
    assert held is not None
    return held


def a_thought(run_id: RunId, text: str = "The ducks are grey.") -> Thought:
    memory = NewMemory(text=text, place=CHANNEL, type=MemoryType.LESSON, importance=0.5, said_by=ALICE, run_id=run_id)
    return Thought(made_of=(run_id,), facts=(DECIDED,), memory=memory)


def statuses(desk: Desk) -> list[tuple[str, str, int]]:
    sql = "SELECT kind, status, attempts FROM afterthoughts ORDER BY run_id, kind"
    return [(kind, status, attempts) for kind, status, attempts in desk.store.database.read_rows(sql)]


async def test_they_are_owed_by_the_commit_that_ends_the_run_and_by_no_other(desk: Desk) -> None:
    claimed = await desk.start()
    before = desk.store.database.commits
    await finish(desk, claimed, BOTH)
    await desk.commit()
    assert desk.store.database.commits - before == 1
    assert statuses(desk) == [("memory", "owed", 0), ("reflection", "owed", 0)]


async def test_a_worker_that_lost_its_run_owes_nothing(desk: Desk) -> None:
    claimed = await desk.start()
    desk.clock.pass_(minutes=5)
    await desk.store.take_back(desk.now)
    with pytest.raises(LeaseLost):
        await finish(desk, claimed, BOTH)
    assert statuses(desk) == []


async def test_they_wake_who_works_them(desk: Desk) -> None:
    wake = desk.signals.subscribe(Signal.AFTERTHOUGHTS)
    await end(desk)
    assert await wake.wait(timeout=5)


async def test_what_came_of_one_and_that_it_is_done_are_one_commit(desk: Desk) -> None:
    run_id = await end(desk)
    held = await take(desk)
    assert await desk.store.settle_afterthought(held, a_thought(run_id), desk.now)
    assert statuses(desk) == [("memory", "done", 0)]
    assert [memory.text for memory in await desk.store.list_memories(frozenset({CHANNEL}), desk.now)] == [
        "The ducks are grey."
    ]
    assert desk.events_of(desk.run(run_id))[-2:] == ["memory_policy_decision", "memory_stored"]
    assert desk.breaks() == []


async def test_it_is_done_once_whoever_else_had_begun_it(desk: Desk) -> None:
    run_id = await end(desk)
    slow = await take(desk)
    desk.clock.at += AFTERTHOUGHT_LEASE
    await desk.store.take_back(desk.now)
    quick = await take(desk)
    assert not await desk.store.settle_afterthought(slow, a_thought(run_id, "slow"), desk.now)
    await desk.store.defer_afterthought(slow, desk.now, why="late", facts=(), again_at=None)
    await desk.store.release_afterthought(slow, desk.now)
    assert statuses(desk) == [("memory", "running", 1)]
    assert await desk.store.settle_afterthought(quick, a_thought(run_id, "quick"), desk.now)
    assert not await desk.store.settle_afterthought(quick, a_thought(run_id, "twice"), desk.now)

    found = await desk.store.list_memories(frozenset({CHANNEL}), desk.now)
    assert [memory.text for memory in found] == ["quick"]
    assert statuses(desk) == [("memory", "done", 1)]


async def test_what_a_dead_process_was_thinking_is_free_at_once_and_counts_as_an_attempt(path: Path) -> None:
    async with open_desk(path) as survivor:
        async with open_desk(path) as desk:
            await end(desk)
            await take(desk)
        assert statuses(survivor) == [("memory", "owed", 1)]
        assert (await take(survivor)).attempts == 1


async def test_one_that_kills_its_processes_is_given_up(desk: Desk) -> None:
    run_id = await end(desk)
    for _ in range(3):
        await take(desk)
        desk.clock.at += AFTERTHOUGHT_LEASE
        await desk.store.take_back(desk.now)
    assert statuses(desk) == [("memory", "failed", 3)]
    (event,) = [each for each in desk.store.load_events(run_id) if each.type == "memory_policy_failed"]
    assert event.body == {"of": "memory", "why": "it was interrupted too often", "attempts": 3}
    assert await desk.store.claim_afterthought(desk.now, platforms=EVERYWHERE) is None


async def test_one_that_was_put_off_waits_for_its_time(desk: Desk) -> None:
    await end(desk)
    held = await take(desk)
    due = desk.now + timedelta(minutes=1)
    await desk.store.defer_afterthought(held, desk.now, why="away", facts=(), again_at=due)
    assert await desk.store.claim_afterthought(desk.now, platforms=EVERYWHERE) is None
    assert desk.store.next_afterthought(EVERYWHERE) == due
    desk.clock.at = due
    assert (await take(desk)).attempts == 1


async def test_a_clock_that_is_set_back_holds_none(desk: Desk) -> None:
    await end(desk)
    held = await take(desk)
    due = desk.now + LONGEST_ABSENCE
    await desk.store.defer_afterthought(held, desk.now, why="away", facts=(), again_at=due)
    assert await desk.store.claim_afterthought(desk.now, platforms=EVERYWHERE) is None

    desk.clock.pass_(hours=-2)

    assert (await take(desk)).attempts == 1


async def test_a_conversation_has_one_of_a_kind_in_work_the_oldest_first(desk: Desk) -> None:
    for number in (1, 2):
        await desk.receive(f"m{number}", where=thread(9))
        await finish(desk, await desk.claim(), BOTH)
    taken = [await take(desk), await take(desk)]
    assert [(each.run_id, each.kind) for each in taken] == [(1, "memory"), (1, "reflection")]
    assert await desk.store.claim_afterthought(desk.now, platforms=EVERYWHERE) is None
    await desk.store.settle_afterthought(taken[0], None, desk.now)
    assert (await take(desk)).run_id == 2


@pytest.mark.parametrize(("helped", "misled", "retired"), [(0, 1, False), (0, 2, True), (2, 2, False), (2, 3, True)])
async def test_a_lesson_is_retired_once_it_misled_more_often_than_it_helped(
    desk: Desk, helped: int, misled: int, retired: bool
) -> None:
    run_id = await end(desk)
    await desk.store.settle_afterthought(await take(desk), a_thought(run_id), desk.now)
    for verdict in [True] * helped + [False] * misled:
        run_id = await end(desk, Legacy(afterthoughts=(AfterthoughtKind.REFLECTION,)))
        experience = Experience(run_id=run_id, succeeded=True, summary="", worked="", failed="", confidence=0.5)
        judged = (Judgement(lesson_id=MemoryId(1), helped=verdict), Judgement(lesson_id=MemoryId(9), helped=verdict))
        thought = Thought(made_of=(run_id,), experience=experience, judgements=judged)
        assert await desk.store.settle_afterthought(await take(desk), thought, desk.now)
        (event,) = [each for each in desk.store.load_events(run_id) if each.type == "reflection_completed"]
        assert event.body is not None
        assert event.body["helped" if verdict else "misled"] == [1], "memory 9 is not there"
    lesson = desk.store.find_memory(MemoryId(1))
    assert lesson is not None
    assert (lesson.retired_at is not None) == retired


async def test_what_was_shown_a_memory_that_is_forgotten_by_now_is_dropped(desk: Desk) -> None:
    known = (await desk.store.remember(_memory("The ducks are white."), desk.now)).id
    run_id = await end(desk)
    held = await take(desk)
    await desk.store.forget([known], desk.now, by=ALICE)

    assert await desk.store.settle_afterthought(held, replace(a_thought(run_id), shown=(known,)), desk.now)

    assert statuses(desk) == [("memory", "done", 0)]
    assert EventType.MEMORY_POLICY_DECISION not in desk.events_of(desk.run(run_id))
    assert await desk.store.list_memories(frozenset({CHANNEL}), desk.now) == ()


@pytest.mark.parametrize("gone", ["memory", "run", ""])
async def test_what_a_failure_says_is_dropped_where_what_it_is_about_was_forgotten(desk: Desk, gone: str) -> None:
    known = (await desk.store.remember(_memory("The ducks are white."), desk.now)).id
    run_id = await end(desk)
    held = await take(desk)
    if gone == "memory":
        await desk.store.forget([known], desk.now, by=ALICE)
    if gone == "run":
        await desk.write(lambda tx: erase_payloads(tx, run_id, [1], desk.now))

    await desk.store.defer_afterthought(
        held, desk.now, why="it said: white ducks", facts=(DECIDED,), again_at=None, shown=(known,)
    )

    assert statuses(desk) == [("memory", "failed", 1)]
    failed = [e.body for e in desk.store.load_events(run_id) if e.type == EventType.MEMORY_POLICY_FAILED]
    assert ("white ducks" in str(failed)) == (not gone)
    assert (EventType.MEMORY_POLICY_DECISION in desk.events_of(desk.run(run_id))) == (not gone)


def _memory(text: str) -> NewMemory:
    return NewMemory(text=text, place=CHANNEL, type=MemoryType.FACT, importance=0.5, said_by=ALICE)
