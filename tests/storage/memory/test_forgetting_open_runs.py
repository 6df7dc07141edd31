"""What can still run is never changed: a run that is not over and tells of a memory stands in the way of forgetting it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from runtime.cards import card_of
from runtime.facts import EventType
from runtime.memory.records import Forgotten, ForgottenPerson
from runtime.records import MessageRef, Run, Verdict
from runtime.states import ApprovalStatus, RunStatus
from storage.forgetting import forget
from storage.redacting import FORGOTTEN, Told
from tests.storage.desk import ALICE, BOB, READY, Desk, asks, first_call, proposal, take
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.past import RARE, TEXT, is_source, planned, remember, tell, tells
from tests.storage.memory.shelf import OURS


async def expired(desk: Desk, run: Run) -> None:
    desk.clock.pass_(hours=2)
    await desk.store.expire_due(desk.now)
    assert desk.run(run).status is RunStatus.EXPIRED


def buttons(desk: Desk, number: int = 1) -> list[str]:
    approval = desk.approval(number)
    run = desk.run(approval.run_id)
    call = run.find_call(approval.call_id)
    assert call is not None
    return [button.verb for button in card_of(approval, run, call, installation="i").buttons]


async def test_a_run_that_waits_with_a_card_that_tells_is_in_the_way_and_named(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, tells(asks()), relied=(memory_id,))
    before = desk.run(waiting.run)

    refused = await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert refused == Forgotten(runs_in_the_way=(waiting.run.id,))
    assert desk.run(waiting.run) == before
    assert desk.store.find_memory(memory_id) is not None
    assert desk.store.database.read_row("SELECT 1 FROM scouring_owed") is None

    await desk.store.cancel(waiting.run.id, desk.now, by=ALICE)
    assert await desk.store.forget([memory_id], desk.now, by=ALICE) == Forgotten(memories=1)
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


@pytest.mark.parametrize("word", ["reason", "why_asked", "preview", "target"])
async def test_each_word_of_a_call_that_tells_is_enough_to_be_in_the_way(desk: Desk, word: str) -> None:
    memory_id = await remember(desk, TEXT)
    words: dict[str, Any] = {word: TEXT}
    waiting = await planned(desk, proposal(asks(), **words), relied=(memory_id,))

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (waiting.run.id,)


async def test_a_decided_run_that_is_queued_is_in_the_way_as_well(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, tells(asks()), relied=(memory_id,))
    await desk.settle(desk.approvals_of(waiting.run)[0])
    assert desk.run(waiting.run).status is RunStatus.QUEUED

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (waiting.run.id,)


async def test_a_run_that_is_being_worked_with_it_at_hand_is_in_the_way_whatever_it_says(desk: Desk) -> None:
    memory_id, other = await remember(desk, TEXT), await remember(desk, "Lunch is at noon")
    working = await planned(desk, proposal(READY), relied=(memory_id,))

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (working.run.id,)
    assert await desk.store.forget([other], desk.now, by=ALICE) == Forgotten(memories=1)


async def test_what_a_person_said_with_a_decision_is_in_the_way_where_it_was_made_of_that_run(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, proposal(asks()), relied=(memory_id,))
    await desk.settle(desk.approvals_of(waiting.run)[0], comment=TEXT)
    await is_source(desk, memory_id, waiting.run)

    assert (await desk.store.forget([memory_id], desk.now, by=ALICE)).runs_in_the_way == (waiting.run.id,)


async def test_a_run_that_waits_with_a_call_about_something_else_is_redacted_and_goes_on(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, proposal(asks()), relied=(memory_id,))
    await desk.write(lambda tx: tx.execute("UPDATE steps SET text = ?", (TEXT,)))

    assert await desk.store.forget([memory_id], desk.now, by=ALICE) == Forgotten(memories=1)

    run = desk.run(waiting.run)
    assert (run.steps[-1].text, run.status) == (FORGOTTEN, RunStatus.WAITING)
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []
    assert (await desk.settle(desk.approvals_of(run)[0])).won


async def test_an_expired_run_whose_call_tells_is_ended_and_cannot_be_asked_again(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, tells(asks(until=desk.now + timedelta(hours=1))), relied=(memory_id,))
    (card,) = await take(desk)
    await desk.store.settle_sent(card.id, desk.now, sent=(MessageRef(where=card.where, id="sent"),))
    await expired(desk, waiting.run)
    await desk.deliver()
    assert buttons(desk) == ["again"]

    assert await desk.store.forget([memory_id], desk.now, by=ALICE) == Forgotten(memories=1)

    run = desk.run(waiting.run)
    assert (run.status, run.cancelled_by, run.ended_at) == (RunStatus.CANCELLED, str(ALICE), desk.now)
    assert first_call(run).arguments["command"] == FORGOTTEN
    assert buttons(desk) == []
    assert [delivery.kind for delivery in await take(desk)] == ["card_update"], (
        "the card that hangs there loses its button"
    )
    assert not await desk.store.ask_again(run.id, desk.now, by=BOB, expires_at=None)
    cancelled = [event for event in desk.store.load_events(run.id) if event.type == EventType.RUN_CANCELLED]
    assert [event.body for event in cancelled] == [{"by": str(ALICE)}]
    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []


async def test_an_expired_run_whose_calls_do_not_tell_can_still_be_asked_again(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, proposal(asks(until=desk.now + timedelta(hours=1))), relied=(memory_id,))
    await expired(desk, waiting.run)

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert await desk.store.ask_again(waiting.run.id, desk.now, by=BOB, expires_at=None)


async def test_while_one_run_is_in_the_way_another_keeps_what_it_says(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    over = await planned(desk, tells(asks()), relied=(memory_id,))
    await desk.store.cancel(over.run.id, desk.now, by=ALICE)
    waiting = await planned(desk, tells(asks()), relied=(memory_id,))
    page = await tell(desk, TEXT)

    refused = await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert refused.runs_in_the_way == (waiting.run.id,)
    assert first_call(desk.run(over.run)).reason == f"Because {TEXT}."
    assert desk.store.database.read_row("SELECT body LIKE '%quokka%' FROM deliveries WHERE id = ?", (page,)) == (1,)


async def test_a_person_is_not_forgotten_while_somebody_works_with_what_they_told_for_others(desk: Desk) -> None:
    for_all = await remember(desk, TEXT, OURS)
    his = await planned(desk, tells(asks()), by=BOB, relied=(for_all,))

    refused = await desk.store.forget_person(frozenset({ALICE}), desk.now)

    assert refused == ForgottenPerson(runs_in_the_way=(his.run.id,))
    assert desk.store.find_memory(for_all) is not None
    await desk.settle(desk.approvals_of(his.run)[0], Verdict.DENY)
    await desk.finish(await desk.claim())
    assert (await desk.store.forget_person(frozenset({ALICE}), desk.now)).memories == 1
    assert find_leftovers(desk.path.parent, *RARE, str(ALICE)) == []


async def test_of_others_expired_runs_nobody_hears_who_was_forgotten(desk: Desk) -> None:
    for_all = await remember(desk, TEXT, OURS)
    his = await planned(desk, tells(asks(until=desk.now + timedelta(hours=1))), by=BOB, relied=(for_all,))
    await expired(desk, his.run)

    assert (await desk.store.forget_person(frozenset({ALICE}), desk.now)).memories == 1

    assert desk.run(his.run).status is RunStatus.CANCELLED
    assert desk.approvals_of(his.run)[0].status is ApprovalStatus.EXPIRED
    assert find_leftovers(desk.path.parent, *RARE, str(ALICE)) == []
    assert desk.breaks() == []


async def test_what_fails_in_the_middle_of_forgetting_leaves_all_as_it_was(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    over = await planned(desk, tells(asks()), relied=(memory_id,))
    await desk.store.cancel(over.run.id, desk.now, by=ALICE)
    await desk.write(
        lambda tx: tx.execute(
            "CREATE TEMP TRIGGER full BEFORE DELETE ON main.memories BEGIN SELECT raise(ABORT, 'full'); END"
        )
    )

    with pytest.raises(Exception, match="full"):
        await desk.write(partial(forget, memory_ids=[memory_id], at=desk.now, by="Alice", told=Told(events={})))

    assert first_call(desk.run(over.run)).reason == f"Because {TEXT}."
    assert desk.breaks() == []
