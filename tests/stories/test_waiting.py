"""Promises 16 and 18 where more goes on than in one conversation: many runs that wait, and a yes said in private."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN, for_each
from tests.stories.world import World

PLANS = {"run it": RUN}


@pytest.mark.promise(16)
async def test_twenty_waiting_runs_leave_the_one_worker_free(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="1") as world:
        world.model_says(for_each(PLANS))
        for number in range(1, 21):
            await world.alice.mentions(world.pond, "run it")
            await world.run(number, RunStatus.WAITING)

        await world.alice.mentions(world.pond, "hello")

        assert await world.answer(21) == "Done. (hello)"


@pytest.mark.promise(18)
async def test_in_a_direct_message_a_yes_is_no_consent_either(world: World) -> None:
    world.model_says(for_each(PLANS))
    asked = await world.bob.dms("run it")
    await world.run(1, RunStatus.WAITING)

    await world.bob.dms("yes", thread=asked)

    await world.slack.message(world.bob.dm, thread=asked, contains="Approval 1 is still waiting")
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(18)
async def test_a_sentence_that_happens_to_name_a_verb_and_a_number_decides_nothing(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    world.model_plans()

    changing = await world.bob.mentions(world.pond, "change 1 columns of the table to text")
    await world.slack.message(world.pond, thread=changing, contains="Done.")
    approving = await world.bob.mentions(world.pond, "approve 1 of the invoices")
    await world.slack.message(world.pond, thread=approving, contains="Nothing was decided.")

    assert world.approval().status is ApprovalStatus.PENDING
    assert [world.store.load_run(world.run_id(2)).request, world.runs()] == ["change 1 columns of the table to text", 2]
