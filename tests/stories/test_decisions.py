"""Promises 1 to 7: what a decision does, and whose it is."""

import pytest

from runtime.records import Risk
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.stories.world import World

RUN = directive(call("shell_exec_safe", command="echo ran >> ran.txt"))


@pytest.mark.promise(1)
async def test_a_click_yields_one_decision_and_one_resumed_run(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()

    await world.bob.clicks(card, "Approve")

    assert await world.answer() == "Done."
    assert len(world.events_of("approval_decided")) == 1
    assert len(world.events_of("run_continued")) == 1
    assert (world.files / "ran.txt").read_text() == "ran\n"


@pytest.mark.promise(6)
async def test_without_approvers_a_risky_call_is_refused_with_the_setting_to_add(world_with) -> None:
    async with world_with(MALLARD_APPROVERS="") as world:
        world.model_plans(RUN)
        await world.alice.mentions(world.pond, "run it")

        run = await world.run(1, RunStatus.COMPLETED)

        call_ = run.steps[0].calls[0]
        assert call_.risk is Risk.HIGH
        assert call_.observation is not None
        assert "MALLARD_APPROVERS=slack:T1/UALICE" in call_.observation.text
        assert not (world.files / "ran.txt").exists()
