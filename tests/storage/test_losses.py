"""Calls that were marked as started and have no observation: what may have run is said, and what never began is not."""

import pytest

from runtime.charge import charge_with
from runtime.errors import LeaseLost
from runtime.proposals import Claimed, Ending
from runtime.records import ApprovalId, Effect, ToolCall
from runtime.states import CallState
from tests.storage.desk import ALICE, READY, Desk, asks, first_call, says


async def lost_in_a_call(desk: Desk, effect: Effect) -> int:
    """A run whose worker fell silent while a call of it ran, back in the queue."""
    claimed = await desk.start(READY, effect=effect)
    desk.clock.pass_(minutes=1)
    await desk.store.take_back(desk.now)
    return claimed.run.id


def words(desk: Desk) -> list[str]:
    rows = desk.store.database.read_rows("SELECT body FROM deliveries WHERE kind = 'answer'")
    return [str(row[0]) for row in rows]


@pytest.mark.promise(32)
async def test_a_queued_run_that_is_stopped_names_the_external_call_that_nobody_knows_about(desk: Desk) -> None:
    run_id = await lost_in_a_call(desk, Effect.EXTERNAL)
    await desk.store.cancel(desk.run(run_id).id, desk.now, by=ALICE)

    assert desk.states_of(desk.run(run_id)) == [CallState.OUTCOME_UNKNOWN]
    (said,) = words(desk)
    assert "I do not know whether it took effect" in said
    assert desk.breaks() == []


@pytest.mark.promise(32)
async def test_a_run_that_is_stopped_when_it_was_taken_up_again_names_it_too(desk: Desk) -> None:
    await lost_in_a_call(desk, Effect.EXTERNAL)
    again = await desk.claim()
    await desk.finish(again, Ending.CANCELLED)

    assert desk.states_of(desk.run(again.run)) == [CallState.OUTCOME_UNKNOWN]
    (said,) = words(desk)
    assert "I do not know whether it took effect" in said


async def test_a_call_that_can_be_repeated_is_nothing_to_worry_about(desk: Desk) -> None:
    run_id = await lost_in_a_call(desk, Effect.IDEMPOTENT)
    await desk.store.cancel(desk.run(run_id).id, desk.now, by=ALICE)
    assert words(desk) == []


async def give_back(desk: Desk, claimed: Claimed, way: str, *may_have_run: ToolCall) -> None:
    """What a worker does with a run that it cannot carry on."""
    calls = frozenset(call.id for call in may_have_run)
    if way == "release":
        await desk.store.release(claimed.lease, desk.now, may_have_run=calls)
    else:
        await desk.store.drop(claimed.lease, desk.now, may_have_run=calls)


@pytest.mark.promise(32)
@pytest.mark.parametrize("way", ["release", "drop"])
async def test_a_call_that_its_worker_never_began_is_ready_again_and_the_trail_says_why(desk: Desk, way: str) -> None:
    claimed = await desk.start(READY, READY)

    await give_back(desk, claimed, way)

    assert desk.states_of(claimed.run) == [CallState.READY, CallState.READY]
    assert desk.events_of(claimed.run)[-2:] == ["tool_call_started", "tool_call_finished"]
    told = desk.store.load_events(claimed.run.id)[-1].body
    assert told == {"call": first_call(claimed.run).id, "tool": "shell", "ok": False, "error": "not_begun"}
    assert desk.breaks() == []
    again = await desk.claim()
    await desk.store.mark_started(again.lease, first_call(again.run), desk.now)


@pytest.mark.promise(32)
@pytest.mark.parametrize("way", ["release", "drop"])
async def test_a_call_that_may_have_run_stays_started(desk: Desk, way: str) -> None:
    claimed = await desk.start(READY)

    await give_back(desk, claimed, way, first_call(claimed.run))

    assert desk.states_of(claimed.run) == [CallState.STARTED]
    assert desk.events_of(claimed.run)[-1] == "tool_call_started"


@pytest.mark.promise(32)
async def test_only_who_holds_the_lease_can_say_that_a_call_never_began(desk: Desk) -> None:
    claimed = await desk.start(READY)
    await desk.store.take_back(desk.clock.pass_(seconds=31))
    await desk.claim()

    with pytest.raises(LeaseLost):
        await give_back(desk, claimed, "release")

    assert desk.states_of(claimed.run) == [CallState.STARTED]


async def test_giving_back_a_run_touches_no_call_of_another(desk: Desk) -> None:
    claimed, other = await desk.start(READY), await desk.start(READY)

    await give_back(desk, claimed, "release")

    assert desk.states_of(other.run) == [CallState.STARTED]


@pytest.mark.promise(32)
async def test_what_a_worker_that_is_gone_had_started_may_have_run(desk: Desk) -> None:
    await lost_in_a_call(desk, Effect.EXTERNAL)
    again = await desk.claim()
    assert charge_with(again).may_have_run == {first_call(again.run).id}


async def test_what_was_started_for_this_worker_has_not_run_yet(desk: Desk) -> None:
    await desk.suspend(asks())
    settled = await desk.store.settle(ApprovalId(1), says(), grant=None, claim=True)
    assert settled.claimed is not None
    assert charge_with(settled.claimed).may_have_run == set()
