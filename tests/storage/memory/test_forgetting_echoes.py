"""What was said in a conversation is told again in it: the other runs there are forgetful too."""

from runtime.facts import EventType
from runtime.memory.records import Forgotten
from storage import forgetting
from storage.redacting import FORGOTTEN
from tests.storage.desk import ALICE, READY, Desk, asks, proposal
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.past import RARE, TEXT, happened, planned, remember, tells, worked


async def test_an_answer_that_told_it_again_in_the_same_conversation_goes_too(desk: Desk) -> None:
    first = await worked(desk, "Hello", f"Did you know? {TEXT}.")
    told = await worked(desk, f"Remember this: {TEXT}!", f"I will: {TEXT}.", after=first)
    memory_id = await remember(desk, TEXT, run_id=told.id)
    for _ in range(30):
        await worked(desk, "And?", "Nothing.", after=told)
    echo = await worked(desk, "What did I say?", f"You said that {TEXT}.", after=told)
    after_that = await worked(desk, "Thank you", "You are welcome.", after=told)
    called = await planned(desk, tells(), after=told)
    await desk.store.release(called.lease, desk.now, may_have_run=frozenset())
    await happened(desk, called.run, EventType.COGNITION_RESPONSE, role="action", text=TEXT)
    await desk.store.cancel(called.run.id, desk.now, by=ALICE)

    assert await desk.store.forget([memory_id], desk.now, by=ALICE) == Forgotten(memories=1)

    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []
    assert (desk.run(echo).request, desk.run(echo).answer) == ("What did I say?", FORGOTTEN)
    assert desk.run(after_that).answer == "You are welcome."


async def test_it_is_told_again_of_an_answer_that_relied_on_it_as_well(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    relied = await worked(desk, "When?", f"{TEXT}.", relied=(memory_id,))
    before = await worked(desk, "Hello", "Hello.")
    echo = await worked(desk, "Once more?", f"{TEXT}!", after=relied)
    elsewhere = await worked(desk, "What does Bob say?", f"He says: {TEXT}", after=before)

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert desk.run(echo).answer == FORGOTTEN
    assert desk.run(elsewhere).answer == f"He says: {TEXT}"
    assert desk.breaks() == []


async def test_a_later_run_that_waits_with_a_card_that_tells_is_in_the_way(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    waiting = await planned(desk, tells(asks()), after=told)
    await happened(desk, waiting.run, EventType.COGNITION_RESPONSE, role="action", text=TEXT)

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (waiting.run.id,)


async def test_a_later_run_that_is_being_worked_is_in_the_way_where_something_before_it_tells(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    silent = await worked(desk, "When?", "I cannot say.", relied=(memory_id,))
    hears = await planned(desk, proposal(READY), after=told)
    hears_nothing = await planned(desk, proposal(READY), after=silent)

    refused = await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert refused.runs_in_the_way == (hears.run.id,)
    assert hears_nothing.run.id not in refused.runs_in_the_way


async def test_what_came_to_rest_since_they_were_looked_through_is_not_missed(desk: Desk) -> None:
    told = await worked(desk, TEXT, "Yes.")
    memory_id = await remember(desk, TEXT, run_id=told.id)
    looked_through = await desk.store._find_told([memory_id])
    echo = await worked(desk, "What did I say?", f"You said that {TEXT}.", after=told)

    await desk.write(lambda tx: forgetting.forget(tx, [memory_id], desk.now, by=str(ALICE), told=looked_through))

    assert desk.run(echo).answer == FORGOTTEN
    assert desk.breaks() == []
