"""Whoever is forgotten is in no row, index, log or file afterwards; what others rely on stays, and the trail verifies."""

import random

from runtime.facts import EventType
from runtime.memory.records import MemoryType
from runtime.records import GrantScope, UserRef
from storage.redacting import FORGOTTEN
from tests.storage.desk import ALICE, BOB, Desk
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.past import RARE, TEXT, concluded, filled, happened, remember, summarised, tell, worked
from tests.storage.memory.shelf import CHANNEL, HERS, HIS, OURS
from tests.storage.test_grants import made


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
