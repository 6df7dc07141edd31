"""Forgetting is complete: what was said is in no row, index, log or file afterwards, and the trail still verifies."""

import random
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runtime.facts import EventType, Fact
from runtime.memory.records import MemoryId, MemoryType, Place
from runtime.proposals import Claimed, Ending
from runtime.records import DeliveryId, GrantScope, Run, UserRef
from storage.encoding import micros
from storage.events import append_outside
from storage.outbox import owe
from storage.redacting import FORGOTTEN
from storage.reliances import record_reliances
from storage.transaction import Transaction
from tests.storage.desk import ALICE, BOB, Desk, intake, message, open_desk, thread
from tests.storage.memory.embedding import BagOfWords
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.shelf import CHANNEL, HERS, HIS, OURS, fact
from tests.storage.test_grants import made

RARE = ("quokka", "zanzibar")  # as they are, and as the stemmer leaves them
TEXT = "The quokkas of Zanzibar deploy on Tuesday"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "room" / "mallard.db") as opened:
        yield opened


async def worked(
    desk: Desk, request: str, answer: str, *, by: UserRef = ALICE, relied: tuple[MemoryId, ...] = ()
) -> Run:
    """A run of a conversation of its own, from its request to its answer, delivered."""
    desk._asked += 1
    said = message(f"m{desk._asked}", where=thread(desk._asked), text=request, author=by)
    await desk.store.receive(intake(said), desk.now, claim=False)
    claimed: Claimed = await desk.claim()
    words = Fact(EventType.COGNITION_RESPONSE, {"role": "thinker", "text": answer})
    await desk.store.finish(
        claimed.lease, claimed.run, desk.now, ending=Ending.ANSWERED, text=answer, facts=(words,), streamed=False
    )
    await desk.write(lambda tx: record_reliances(tx, claimed.run.id, relied, desk.now))
    await desk.deliver()
    return claimed.run


async def remember(desk: Desk, text: str, place: Place = HERS, **changes: Any) -> MemoryId:
    kept = await desk.store.remember(fact(text, place, **changes), desk.now, vector=BagOfWords().vector_of(text))
    return kept.id


async def happened(desk: Desk, run: Run, type_: EventType, **body: Any) -> None:
    await desk.write(lambda tx: append_outside(tx, run.id, desk.now, [Fact(type_, body)]))


async def filled(desk: Desk) -> None:
    """A past that keeps the pages of the file moving: things come and go, short and long."""
    chance = random.Random(7)
    kept = list[MemoryId]()
    for number in range(150):
        length = chance.randrange(3, 60)
        kept.append(
            await remember(desk, f"note {number} " + " ".join(f"w{chance.randrange(500)}" for _ in range(length)))
        )
        if number % 10 == 0:
            run = await worked(desk, f"please, {number} " * chance.randrange(1, 40), "Done. " * chance.randrange(1, 40))
            await happened(desk, run, EventType.COGNITION_RESPONSE, role="critic", text="word " * chance.randrange(200))
        if number % 3 == 0:
            gone = kept.pop(chance.randrange(len(kept)))
            await desk.write(partial(remove, gone))


def remove(memory_id: MemoryId, tx: Transaction) -> None:
    tx.execute("DELETE FROM memories WHERE id = ?", (memory_id,))


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

    assert await desk.store.forget([memory_id, lesson], desk.now) == 2

    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []
    assert desk.run(told).request == FORGOTTEN
    assert desk.run(answered).request == "When are deploys?"
    assert desk.run(answered).answer == FORGOTTEN
    assert desk.run(other).answer == "I will."


async def concluded(desk: Desk, run: Run, lesson: MemoryId) -> None:
    sql = "INSERT INTO experiences VALUES (?, ?, 1, ?, 'all', 'none', 0.5, ?)"
    await desk.write(lambda tx: tx.execute(sql, (run.id, lesson, f"It was about this: {TEXT}", micros(desk.now))))


async def summarised(desk: Desk, run: Run) -> None:
    sql = "INSERT INTO summaries VALUES (?, ?, ?, ?, ?)"
    row = (desk.run(run).conversation_id, run.id, run.id, f"She said: {TEXT}", micros(desk.now))
    await desk.write(lambda tx: tx.execute(sql, row))


async def tell(desk: Desk, markdown: str, to: UserRef = ALICE) -> DeliveryId:
    body = {"markdown": markdown}
    owed = await desk.write(lambda tx: owe(tx, desk.now, kind="page", conversation_id=1, person=str(to), body=body))
    await desk.deliver()
    return DeliveryId(owed)


async def test_the_versions_that_a_memory_superseded_go_with_it(desk: Desk) -> None:
    first = await remember(desk, "The quokka is called Ann")
    second = await remember(desk, "The quokka is called Bea", supersedes=(first,))
    third = await remember(desk, "The bird is called Cleo", supersedes=(second,))
    other = await remember(desk, "The dog is called Dot")

    assert await desk.store.forget([third], desk.now) == 3

    assert find_leftovers(desk.path.parent, "quokka", "cleo") == []
    assert desk.store.find_memory(other) is not None


async def test_what_others_said_by_themselves_stays_where_they_said_it(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT, CHANNEL, said_by=ALICE)
    his = await worked(desk, f"I say so too: {TEXT}", "Well, yes.", by=BOB)
    again = await desk.store.remember(fact(TEXT, CHANNEL, said_by=BOB, run_id=his.id), desk.now)
    assert again.merged

    await desk.store.forget([memory_id], desk.now)

    assert desk.run(his).request == f"I say so too: {TEXT}"
    assert desk.breaks() == []


async def test_what_was_done_and_approved_stays_on_record(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    await happened(desk, told, EventType.COMMAND_AUDIT, command=f"echo {TEXT}")
    memory_id = await remember(desk, TEXT, run_id=told.id)

    await desk.store.forget([memory_id], desk.now)

    bodies = [event.body for event in desk.store.load_events(told.id) if event.type == EventType.COMMAND_AUDIT]
    assert bodies == [{"command": f"echo {TEXT}"}]


async def test_forgetting_what_is_not_there_changes_nothing(desk: Desk) -> None:
    kept = await remember(desk, "Lunch is at noon")

    assert await desk.store.forget([MemoryId(kept + 1)], desk.now) == 0

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


async def test_all_that_is_a_persons_goes_with_them_and_nothing_that_is_others(desk: Desk) -> None:
    await filled(desk)
    hers = await worked(desk, f"Remember this: {TEXT}!", f"I will: {TEXT}.")
    mine = await remember(desk, TEXT, run_id=hers.id)
    for_all = await remember(desk, "Ask the quokka of Zanzibar first", OURS)
    lesson = await remember(
        desk, "Feed the quokka of Zanzibar", CHANNEL, type=MemoryType.LESSON, said_by=BOB, run_id=hers.id
    )
    await concluded(desk, hers, lesson)
    await summarised(desk, hers)
    await tell(desk, TEXT)
    his = await worked(desk, "Whom do I ask?", "Ask the quokka of Zanzibar first.", by=BOB, relied=(for_all,))
    kept = await remember(desk, "The mailer is slow", HIS, said_by=BOB, run_id=his.id)
    told = await tell(desk, "Hello Bob", BOB)
    runs_before = len(desk.store.database.read_rows("SELECT id FROM runs WHERE asked_by = ?", (str(ALICE),)))

    forgotten = await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert find_leftovers(desk.path.parent, *RARE, str(ALICE)) == []
    assert desk.breaks() == []
    assert (forgotten.runs, forgotten.summaries, forgotten.open_runs) == (runs_before, 1, ())
    assert forgotten.memories > 3
    assert forgotten.deliveries == 1
    assert [desk.store.find_memory(each) for each in (mine, for_all, lesson)] == [None, None, None]
    assert desk.run(his).answer == FORGOTTEN
    assert desk.run(his).request == "Whom do I ask?"
    assert desk.store.find_memory(kept) is not None
    assert desk.store.database.read_row("SELECT body FROM deliveries WHERE id = ?", (told,)) is not None


async def test_no_copy_stays_where_rows_were_moved_from_page_to_page(desk: Desk) -> None:
    chance = random.Random(3)
    runs = [await worked(desk, "hello", "Hello.", by=who) for _ in range(20) for who in (ALICE, BOB)]
    for number in range(400):
        run = chance.choice(runs)
        word = "quokka" if run.asked_by == ALICE else "lunch"
        text = f"{word} {number} " * chance.randrange(1, 90)
        await happened(desk, run, EventType.COGNITION_RESPONSE, role="thinker", text=text)

    await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert find_leftovers(desk.path.parent, "quokka") == []
    assert desk.breaks() == []


async def test_a_person_whose_runs_are_worked_on_is_not_forgotten_until_they_are_stopped(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    run = (await desk.start()).run

    refused = await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert (refused.open_runs, refused.memories, refused.runs) == ((run.id,), 0, 0)
    assert desk.store.find_memory(memory_id) is not None


async def test_all_accounts_of_a_person_are_forgotten_together(desk: Desk) -> None:
    other = UserRef(platform="discord", space="", id="7001")
    await worked(desk, "hello", "Hello.", by=other)
    await remember(desk, TEXT, HERS)

    forgotten = await desk.store.forget_person(frozenset({ALICE, other}), desk.now)

    assert (forgotten.memories, forgotten.runs) == (1, 1)


async def test_what_was_allowed_for_a_person_alone_goes_with_them_and_what_others_rely_on_stays(desk: Desk) -> None:
    shown = "shell_exec_safe: feed the quokkas"
    await made(desk, subject=str(ALICE), shown=shown)
    await made(desk, scope=GrantScope.CONVERSATION, subject="slack:T1/C1", shown="shell_exec_safe: make test")

    await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert find_leftovers(desk.path.parent, "quokka") == []
    assert [grant.shown for grant in await desk.store.list_grants()] == ["shell_exec_safe: make test"]


async def test_what_expired_goes_with_the_versions_that_it_superseded(desk: Desk) -> None:
    first = await remember(desk, "The office is open")
    second = await remember(desk, "The office is closed", supersedes=(first,), expires_at=desk.now.replace(hour=12))
    assert await desk.store.expire_memories(desk.now) == 0

    assert await desk.store.expire_memories(desk.now.replace(hour=13)) == 1

    assert [desk.store.find_memory(each) for each in (first, second)] == [None, None]
