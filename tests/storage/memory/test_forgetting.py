"""Forgetting is complete: what was said is in no row, index, log or file afterwards, and the trail still verifies."""

import asyncio
from pathlib import Path

import pytest

from runtime.facts import EventType
from runtime.memory.records import Forgotten, MemoryId, MemoryType
from runtime.memory.upkeep import look_after
from storage.forgetting import forget
from storage.redacting import FORGOTTEN, NEWEST_HEAD, Told
from tests.storage.desk import ALICE, BOB, Desk, first_call, open_desk
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.past import RARE, TEXT, concluded, filled, happened, remember, summarised, tell, worked
from tests.storage.memory.shelf import CHANNEL, fact
from tests.storage.strain import child


async def test_what_is_forgotten_is_in_no_file_afterwards(desk: Desk) -> None:
    await filled(desk)
    told = await worked(desk, f"Remember this: {TEXT}!", f"I will: {TEXT}.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    await happened(
        desk, told, EventType.MEMORY_POLICY_DECISION, should_store=True, summary="quokkas deploy in Zanzibar"
    )
    await happened(desk, told, EventType.COGNITION_RESPONSE, role="memory", text='{"summary": "' + TEXT + '"}')
    answered = await worked(
        desk, "When are deploys?", "The Zanzibar quokkas: they deploy on Tuesday.", relied=(memory_id,)
    )
    other = await worked(desk, "Remember the lunch", "I will.")
    await happened(
        desk, other, EventType.COGNITION_RESPONSE, role="memory", text=f"Not like memory {memory_id}: {TEXT}"
    )
    lesson = await remember(desk, f"Next time, think of this: {TEXT}", type=MemoryType.LESSON, run_id=told.id)
    await concluded(desk, told, lesson)
    await summarised(desk, told)
    await tell(desk, f"You know that {TEXT}.")
    await filled(desk)
    assert len(find_leftovers(desk.path.parent, *RARE)) >= 2

    assert await desk.store.forget([memory_id, lesson], desk.now, by=ALICE) == Forgotten(memories=2)

    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []
    assert desk.run(told).request == FORGOTTEN
    assert desk.run(answered).request == "When are deploys?"
    assert desk.run(answered).answer == FORGOTTEN
    assert desk.run(other).answer == "I will."


async def test_what_a_model_says_of_it_while_that_is_looked_for_goes_too(desk: Desk) -> None:
    other = await worked(desk, "Remember the lunch", "I will.")
    memory_id = await remember(desk, TEXT)
    (until,) = desk.store.database.read_row(NEWEST_HEAD) or (0,)
    await happened(desk, other, EventType.MEMORY_POLICY_DECISION, store=False, why=f"It is known: {TEXT}")

    await desk.write(lambda tx: forget(tx, [memory_id], desk.now, by="Alice", told=Told(events={}, until=until)))
    await desk.store.scour()

    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


async def test_the_versions_that_a_memory_superseded_go_with_it(desk: Desk) -> None:
    first = await remember(desk, "The quokka is called Ann")
    second = await remember(desk, "The quokka is called Bea", supersedes=(first,))
    third = await remember(desk, "The bird is called Cleo", supersedes=(second,))
    other = await remember(desk, "The dog is called Dot")

    assert await desk.store.forget([third], desk.now, by=ALICE) == Forgotten(memories=3)

    assert find_leftovers(desk.path.parent, "quokka", "cleo") == []
    assert desk.store.find_memory(other) is not None


async def test_what_others_said_by_themselves_stays_where_they_said_it(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT, CHANNEL, said_by=ALICE)
    his = await worked(desk, f"I say so too: {TEXT}", "Well, yes.", by=BOB)
    again = await desk.store.remember(fact(TEXT, CHANNEL, said_by=BOB, run_id=his.id), desk.now)
    assert again.merged

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert desk.run(his).request == f"I say so too: {TEXT}"
    assert desk.breaks() == []


async def test_forgetting_what_is_not_there_changes_nothing(desk: Desk) -> None:
    kept = await remember(desk, "Lunch is at noon")

    assert await desk.store.forget([MemoryId(kept + 1)], desk.now, by=ALICE) == Forgotten(memories=0)

    assert desk.store.find_memory(kept) is not None


async def test_a_forgetting_that_was_cut_short_is_finished_later(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    reader = desk.store.database.reader
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM memories").fetchone()  # an old state is being read: the log cannot be emptied

    await desk.store.database.write(lambda tx: tx.execute("DELETE FROM memories WHERE id = ?", (memory_id,)))
    await desk.store.database.write(lambda tx: tx.execute("INSERT INTO scouring_owed VALUES (1, 0)"))
    assert find_leftovers(desk.path.parent, *RARE)
    reader.execute("COMMIT")

    assert await desk.store.scour()
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.store.database.read_row("SELECT count(*) FROM scouring_owed") == (0,)


@pytest.mark.parametrize("at", ["INSERT INTO memory_words (memory_words) VALUES", "VACUUM", "PRAGMA wal_checkpoint"])
async def test_a_process_that_dies_before_the_files_are_scoured_leaves_that_to_the_next(
    tmp_path: Path, at: str
) -> None:
    path = tmp_path / "room" / "mallard.db"
    await asyncio.to_thread(_die_while_forgetting, path, at)
    assert find_leftovers(path.parent, *RARE)

    async with open_desk(path) as desk:
        assert desk.store.find_memory(MemoryId(1)) is None
        assert first_call(desk.run(1)).reason == FORGOTTEN
        assert desk.breaks() == []
        await look_after(desk.store, desk.clock)
        assert find_leftovers(path.parent, *RARE) == []


@pytest.mark.parametrize("at", ["UPDATE tool_calls SET reason", "DELETE FROM memories", "COMMIT"])
async def test_a_process_that_dies_in_the_middle_of_forgetting_has_forgotten_nothing(tmp_path: Path, at: str) -> None:
    path = tmp_path / "room" / "mallard.db"
    await asyncio.to_thread(_die_while_forgetting, path, at)

    async with open_desk(path) as desk:
        assert desk.store.find_memory(MemoryId(1)) is not None
        assert first_call(desk.run(1)).arguments["command"] == f"echo '{TEXT}'"
        assert desk.run(1).request == TEXT
        assert desk.breaks() == []


def _die_while_forgetting(path: Path, at: str) -> None:
    with child("die_while_forgetting", path) as dying:
        assert dying.stdin is not None
        dying.stdin.write(f"{at}\n")
        dying.stdin.flush()
        assert dying.wait(timeout=60) == -9


async def test_what_expired_goes_with_the_versions_that_it_superseded(desk: Desk) -> None:
    first = await remember(desk, "The office is open")
    second = await remember(desk, "The office is closed", supersedes=(first,), expires_at=desk.now.replace(hour=12))
    assert await desk.store.expire_memories(desk.now) == 0

    assert await desk.store.expire_memories(desk.now.replace(hour=13)) == 1

    assert [desk.store.find_memory(each) for each in (first, second)] == [None, None]
