"""Whatever way a memory was carried from run to run, by people, models, searches or summaries: forgetting goes the same way."""

import json

from runtime.facts import EventType
from runtime.memory.records import Forgotten
from runtime.proposals import Claimed
from runtime.records import Observation
from storage import forgetting
from storage.redacting import FORGOTTEN
from tests.storage.desk import ALICE, BOB, READY, Desk, asks, first_call, proposal
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.past import RARE, TEXT, happened, planned, remember, tells, worked
from tests.storage.memory.test_forgetting_calls import approved, done

OTHER = "The wombats of Madagascar rest on Friday"


async def test_what_others_heard_of_a_person_in_their_conversations_goes_with_them(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    await remember(desk, TEXT, run_id=told.id)
    echo = await worked(desk, "What did she say?", f"She said that {TEXT}.", by=BOB, after=told)

    await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert desk.run(echo).answer == FORGOTTEN
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


async def test_a_permission_that_tells_goes_with_the_person_whose_run_it_was_made_in(desk: Desk) -> None:
    waiting = await planned(desk, tells(asks()), request=TEXT)
    await done(desk, await approved(desk, waiting))
    await remember(desk, TEXT, run_id=waiting.run.id)
    await desk.write(lambda tx: tx.execute("UPDATE grants SET scope = 'workspace', subject = 'default'"))

    await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert find_leftovers(desk.path.parent, *RARE) == []


async def test_two_memories_that_one_model_told_in_one_breath_are_forgotten_one_after_the_other(desk: Desk) -> None:
    told = await worked(desk, f"{TEXT}. {OTHER}.", "Yes.")
    first = await remember(desk, TEXT, run_id=told.id)
    second = await remember(desk, OTHER, run_id=told.id)
    echo = await planned(desk, proposal(asks(), arguments={"command": f"echo {TEXT}"}), after=told)
    await happened(
        desk, echo.run, EventType.COGNITION_RESPONSE, role="planner", text=f'{{"thought": "{OTHER}", "call": "{TEXT}"}}'
    )
    await desk.store.cancel(echo.run.id, desk.now, by=ALICE)

    assert await desk.store.forget([second], desk.now, by=ALICE) == Forgotten(memories=1)
    assert await desk.store.forget([first], desk.now, by=ALICE) == Forgotten(memories=1)

    assert first_call(desk.run(echo.run)).arguments["command"] == FORGOTTEN
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


async def test_a_run_that_is_being_worked_and_tells_by_itself_is_in_the_way(desk: Desk) -> None:
    first = await worked(desk, "Hello", "Hello.")
    waiting = await planned(desk, tells(asks()), after=first)
    told = await worked(desk, TEXT, "Yes.", after=first)
    memory_id = await remember(desk, TEXT, run_id=told.id)
    working = await approved(desk, waiting, always=False)

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (working.run.id,)


async def test_a_summary_that_tells_goes_though_it_covers_what_people_said_alone(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    his = await worked(desk, f"I know: {TEXT}", "Well.", by=BOB, after=told)
    conversation = desk.run(his).conversation_id
    row = (conversation, his.id, his.id, f"Bob knows: {TEXT}")
    await desk.write(lambda tx: tx.execute("INSERT INTO summaries VALUES (?, ?, ?, ?, 0)", row))

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert desk.store.database.read_rows("SELECT text FROM summaries") == []


async def found_in_history(desk: Desk) -> Claimed:
    """A run of another conversation that has found it by a search."""
    searching = await planned(desk, proposal(READY, tool="search_history"))
    found = Observation(ok=True, text=f"run 1: {TEXT}")
    run = await desk.store.record_observation(
        searching.lease, searching.run, first_call(searching.run), found, desk.now
    )
    return Claimed(lease=searching.lease, run=run)


async def test_what_a_search_of_ones_history_took_to_another_conversation_goes_too(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    searching = await found_in_history(desk)
    await desk.finish(searching)
    echo = await worked(desk, "So?", f"So {TEXT}.", after=searching.run)

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert desk.run(echo).answer == FORGOTTEN
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


async def test_a_run_that_is_being_worked_with_what_a_search_found_is_in_the_way(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    searching = await found_in_history(desk)

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (searching.run.id,)


async def test_what_a_run_says_after_it_was_looked_through_in_vain_is_not_missed(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    silent = await worked(desk, "When is lunch?", "At noon.", relied=(memory_id,))
    looked_through = await desk.store._find_told([memory_id])
    assert looked_through.silent == {silent.id}
    await happened(desk, silent, EventType.COGNITION_RESPONSE, role="thinker", text=TEXT)

    await desk.write(lambda tx: forgetting.forget(tx, [memory_id], desk.now, by=str(ALICE), told=looked_through))
    await desk.store.scour()

    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


async def test_of_a_run_that_had_it_at_hand_and_made_nothing_of_it_all_stays(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    silent = await worked(desk, "When is lunch?", "At noon.", relied=(memory_id,))
    events = desk.store.load_events(silent.id)

    assert await desk.store.forget([memory_id], desk.now, by=ALICE) == Forgotten(memories=1)

    assert desk.run(silent).answer == "At noon."
    assert desk.store.load_events(silent.id) == events


async def test_what_a_model_told_in_json_that_escapes_its_letters_goes_too(desk: Desk) -> None:
    text = "我的生日是五月五日"
    told = await worked(desk, text, "好")
    memory_id = await remember(desk, text, run_id=told.id)
    other = await worked(desk, "?", "!", after=told)
    written, escaped = json.dumps({"thought": text}), json.dumps(json.dumps(text))[3:-3]
    await happened(desk, told, EventType.COGNITION_RESPONSE, role="action", text=written)
    await happened(desk, other, EventType.COGNITION_RESPONSE, role="action", text=f"So:\\n{written}")

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert find_leftovers(desk.path.parent, escaped, text) == []
    assert desk.breaks() == []


async def test_what_was_said_beside_such_a_search_since_they_were_looked_through_is_not_missed(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    searching = await found_in_history(desk)
    await desk.finish(searching)
    looked_through = await desk.store._find_told([memory_id])
    echo = await worked(desk, "So?", f"So {TEXT}.", after=searching.run)

    await desk.write(lambda tx: forgetting.forget(tx, [memory_id], desk.now, by=str(ALICE), told=looked_through))

    assert desk.run(echo).answer == FORGOTTEN
    assert desk.breaks() == []
