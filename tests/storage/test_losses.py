"""A run that is stopped after its worker died in the middle of a call: somebody is told what to check."""

import pytest

from runtime.proposals import Ending
from runtime.records import Effect
from runtime.states import CallState
from tests.storage.desk import ALICE, READY, Desk


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
