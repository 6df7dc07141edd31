"""Promises 5 and 20 on Slack: whose click it is, and how its answer reaches them."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.slack import Message
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN
from tests.stories.world import World

SLACKS_PATIENCE = 3.0


@pytest.fixture
async def card(world: World) -> Message:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    return await world.card()


@pytest.mark.promise(20)
@pytest.mark.mistake(11)
@pytest.mark.mistake(26)
async def test_a_person_of_another_workspace_is_not_their_namesake_in_ours(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVERS="slack:T1/UZOE,slack:T1/UBOB") as world:
        zoe = world.slack.person("UZOE", name="zoe", team="T2")
        world.pond.members.add(zoe.id)
        world.pond.is_shared = True
        world.model_plans(RUN)
        await world.alice.mentions(world.pond, "run it")
        card = await world.card()

        await zoe.clicks(card, "Approve")

        await world.slack.ephemeral(zoe, contains="Only an approver can decide this; you are slack:T2/UZOE")
        assert world.approval().status is ApprovalStatus.PENDING
        (refused,) = world.events_of("approval_refused")
        assert refused.body is not None
        assert refused.body["by"] == "slack:T2/UZOE"


@pytest.mark.promise(5)
@pytest.mark.mistake(25)
async def test_an_answer_that_slack_will_not_show_in_the_channel_reaches_the_clicker_all_the_same(
    world: World, card: Message
) -> None:
    world.slack.fail("chat.postEphemeral", "user_not_in_channel", times=None)

    await world.bob.clicks(card, "Approve")

    await world.slack.ephemeral(world.bob, contains="Approved by bob")
    assert await world.answer() == "Done."
