"""Promise 22: however many people click at once, one decides, the call runs once, and everybody gets a clear answer."""

import asyncio
from collections import Counter

import pytest

from runtime.agent import Outcome
from runtime.records import UserRef
from runtime.states import ApprovalStatus, RunStatus
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN
from tests.stories.world import World

CROWD = [f"UAPPROVER{number}" for number in range(50)]
APPROVERS = ",".join(f"slack:T1/{name}" for name in ["UBOB", *CROWD])


async def waiting(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.card()
    await world.run(1, RunStatus.WAITING)


@pytest.mark.promise(22)
@pytest.mark.parametrize("verbs", [("approve",), ("deny",), ("approve", "deny", "change", "always")], ids=" ".join)
async def test_a_thousand_racing_clicks_are_one_decision_and_999_clear_answers(
    world_with: OpenWorld, verbs: tuple[str, ...]
) -> None:
    async with world_with(MALLARD_APPROVERS=APPROVERS) as world:
        await waiting(world)
        people = [UserRef(platform="slack", space="T1", id=CROWD[number % 50]) for number in range(1_000)]

        settled = await asyncio.gather(
            *(world.presses(person, verbs[number % len(verbs)]) for number, person in enumerate(people))
        )

        outcomes = Counter(one.outcome for one in settled)
        assert outcomes == {Outcome.DECIDED: 1, Outcome.ALREADY_DECIDED: 999}
        winner = world.approval().decision
        assert winner is not None
        assert all(winner.by.id in one.words for one in settled), "each is told who decided"
        await world.run(1, RunStatus.COMPLETED, RunStatus.WAITING)
        assert len(world.events_of("approval_decided")) == 1
        assert len(world.lines()) == (1 if world.approval().status is ApprovalStatus.APPROVED else 0)
        assert len(await world.store.list_grants()) == (1 if winner.grant else 0)


@pytest.mark.promise(22)
@pytest.mark.promise(11)
async def test_fifty_people_click_the_same_card_in_slack_at_once(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVERS=APPROVERS) as world:
        crowd = [world.slack.person(name) for name in CROWD]
        world.pond.members |= {person.id for person in crowd}
        await waiting(world)
        old = (await world.card()).snapshot()

        receipts = await asyncio.gather(*(person.clicks(old, "Approve") for person in crowd))

        await world.slack.until(lambda: all(person.ephemerals for person in crowd), timeout=20)
        said = [message.text for person in crowd for message in person.ephemerals]
        assert len(said) == 50, "one message for each click"
        assert sum(text.startswith("Approved by") for text in said) == 1
        assert sum(text.startswith("This was settled before you: Approved by") for text in said) == 49
        assert all(receipt.took is not None and receipt.took < 3.0 for receipt in receipts)
        assert await world.answer() == "Done."
        assert world.lines() == ["ran"]
        assert len(world.events_of("approval_decided")) == 1
        assert len(world.events_of("tool_call_started")) == 1


@pytest.mark.promise(22)
async def test_a_click_that_races_with_the_end_of_its_time_has_one_outcome(world: World) -> None:
    await waiting(world)
    world.slack.clock.advance(72 * 3600)
    people = [world.ref(world.bob)] * 20

    settled, _ = await asyncio.gather(
        asyncio.gather(*(world.presses(person, "approve") for person in people)), world.time_passes(hours=1)
    )

    assert {one.outcome for one in settled} == {Outcome.EXPIRED}
    assert (await world.run(1, RunStatus.EXPIRED)).status is RunStatus.EXPIRED
    assert world.lines() == []


@pytest.mark.promise(22)
async def test_stopping_and_approving_at_once_has_one_outcome(world: World) -> None:
    await waiting(world)

    settlement, _ = await asyncio.gather(
        world.presses(world.ref(world.bob), "approve"),
        world.alice.mentions(world.pond, "stop", thread=world.slack.messages(world.pond)[0]),
    )

    run = await world.run(1, RunStatus.COMPLETED, RunStatus.CANCELLED)
    assert settlement.outcome in (Outcome.DECIDED, Outcome.ALREADY_DECIDED)
    assert len(world.lines()) <= 1
    assert world.approval().status is not ApprovalStatus.PENDING
    assert run.status is RunStatus.CANCELLED or world.lines() == ["ran"]
