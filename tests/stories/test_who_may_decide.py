"""Promises 6, 7 and 37: who may decide follows the risk, and whoever may not changes nothing and is recorded."""

import pytest

from runtime.records import Requirement
from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.slack import Message, Person
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN
from tests.stories.world import World

APPROVERS = "slack:T1/UBOB,slack:T1/UDAVE"
EVERYBODY = ("alice", "bob", "carol", "dave", "mallory")

# Who may decide what was asked by alice, who is no approver, and by bob, who is one.
# carol is an administrator and no approver, dave another approver, mallory nobody.
MAY = {
    ("alice", Requirement.REQUESTER): {"alice", "bob", "dave"},
    ("alice", Requirement.APPROVERS): {"bob", "dave"},
    ("alice", Requirement.OTHER_APPROVER): {"bob", "dave"},
    ("bob", Requirement.REQUESTER): {"bob", "dave"},
    ("bob", Requirement.APPROVERS): {"bob", "dave"},
    ("bob", Requirement.OTHER_APPROVER): {"dave"},
}
CELLS = [(asker, need, who, who in may) for (asker, need), may in MAY.items() for who in EVERYBODY]
ALLOWED = [cell[:3] for cell in CELLS if cell[3]]
REFUSED = [cell[:3] for cell in CELLS if not cell[3]]


def person(world: World, name: str) -> Person:
    found = world.slack.person(f"U{name.upper()}", name=name)
    world.pond.members.add(found.id)
    return found


async def asked(world: World, asker: str) -> Message:
    for name in EVERYBODY:
        person(world, name)
    world.model_plans(RUN)
    await person(world, asker).mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    return await world.card()


@pytest.mark.promise(7)
@pytest.mark.parametrize(("asker", "need", "who"), ALLOWED)
async def test_whoever_may_decide_does(world_with: OpenWorld, asker: str, need: Requirement, who: str) -> None:
    async with world_with(MALLARD_APPROVERS=APPROVERS, MALLARD_ASK_HIGH=need.value) as world:
        card = await asked(world, asker)

        await person(world, who).clicks(card, "Approve")

        assert await world.answer() == "Done."
        decision = world.approval().decision
        assert decision is not None
        assert str(decision.by) == f"slack:T1/U{who.upper()}"
        assert world.lines() == ["ran"]


@pytest.mark.promise(7)
@pytest.mark.promise(37)
@pytest.mark.mistake(11)
@pytest.mark.parametrize(("asker", "need", "who"), REFUSED)
async def test_whoever_may_not_decide_changes_nothing_hears_so_alone_and_is_recorded(
    world_with: OpenWorld, asker: str, need: Requirement, who: str
) -> None:
    async with world_with(MALLARD_APPROVERS=APPROVERS, MALLARD_ASK_HIGH=need.value) as world:
        card = await asked(world, asker)
        clicker, before = person(world, who), card.text

        await clicker.clicks(card, "Approve")

        await world.slack.ephemeral(clicker, contains=f"can decide this; you are slack:T1/{clicker.id}")
        assert world.approval().status is ApprovalStatus.PENDING
        assert (await world.run()).status is RunStatus.WAITING
        assert card.text == before
        assert world.slack.answers(world.pond) == [card]
        assert all(not person(world, name).ephemerals for name in EVERYBODY if name != who)
        (refused,) = world.events_of("approval_refused")
        assert refused.body is not None
        assert refused.body["by"] == f"slack:T1/{clicker.id}"
        assert refused.body["where"] == f"slack:T1/{world.pond.id}"
        assert refused.body["verdict"] == "approve"
        assert refused.body["digest"] == (await world.run()).steps[0].calls[0].digest
        assert world.lines() == []


@pytest.mark.promise(7)
async def test_a_form_that_was_filled_in_gives_no_right_to_decide(world: World) -> None:
    card = await asked(world, "alice")

    await world.alice.clicks(card, "Deny")
    await world.slack.until(lambda: world.alice.modal)
    await world.alice.submits(values={"Reason": "I changed my mind"})

    await world.slack.ephemeral(world.alice, contains="Only an approver can decide this")
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(6)
async def test_where_only_the_requester_is_an_approver_a_second_one_is_asked_for(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_ASK_HIGH="other_approver") as world:
        world.model_plans(RUN)
        await world.bob.mentions(world.pond, "run it")

        run = await world.run(1, RunStatus.COMPLETED)

        observation = run.steps[0].calls[0].observation
        assert observation is not None
        assert "Add somebody else to MALLARD_APPROVERS (written like slack:T1/UBOB)" in observation.text
        assert world.lines() == []
