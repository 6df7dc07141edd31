"""Promise 8: an approval may never expire, or expire after a set time; then it can be asked again."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import call, directive
from tests.fakes.slack import Message
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN, notes
from tests.stories.world import World


async def expired(world: World) -> Message:
    """A card that nobody decided within its two hours."""
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    await world.time_passes(hours=2, seconds=1)
    await world.run(1, RunStatus.EXPIRED)
    return card


@pytest.mark.promise(8)
async def test_a_run_whose_time_is_over_is_expired_and_not_denied(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        card = await expired(world)

        run = await world.run(1, RunStatus.EXPIRED)

        assert world.approval().status is ApprovalStatus.EXPIRED
        assert run.steps[0].calls[0].denial is None
        assert world.events_of("approval_decided") == ()
        assert len(world.events_of("run_expired")) == 1
        await world.closed(card, saying="Expired: nobody decided in time")
        assert card.labels == ["Ask again"]
        assert world.lines() == []


@pytest.mark.promise(8)
async def test_just_before_its_time_is_over_it_can_be_decided(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        world.model_plans(RUN)
        await world.alice.mentions(world.pond, "run it")
        card = await world.card()
        await world.run(1, RunStatus.WAITING)
        await world.time_passes(hours=1, minutes=59)

        await world.bob.clicks(card, "Approve")

        assert await world.answer() == "Done."


@pytest.mark.promise(8)
@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "across a restart"])
async def test_ask_again_makes_a_new_card_that_works(world_with: OpenWorld, who: str, restarts: bool) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        old = await expired(world)
        await world.closed(old, saying="Expired")
        if restarts:
            await world.restart()

        await world.slack.person(f"U{who.upper()}").clicks(old, "Ask again")
        new = await world.card(2)
        assert (await world.run(1)).status is RunStatus.WAITING
        await world.bob.clicks(new, "Approve")

        assert await world.answer() == "Done."
        assert world.lines() == ["ran"]
        assert world.approval(1).status is ApprovalStatus.EXPIRED
        await world.slack.until(lambda: old.buttons == ())
        assert len(world.model.requests) == 3, "the call is the stored one: the planner was asked before and after it"


@pytest.mark.promise(8)
async def test_a_stranger_cannot_ask_again(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        card = await expired(world)
        await world.closed(card, saying="Expired")

        await world.mallory.clicks(card, "Ask again")

        await world.slack.ephemeral(world.mallory, contains="you are slack:T1/UMALLORY")
        assert (await world.run(1)).status is RunStatus.EXPIRED
        assert len(world.events_of("approval_refused")) == 1


@pytest.mark.promise(8)
async def test_asking_again_twice_makes_one_new_card(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        card = await expired(world)
        await world.closed(card, saying="Expired")
        old = card.snapshot()

        await world.alice.clicks(old, "Ask again")
        await world.slack.ephemeral(world.alice, contains="Asked again")
        await world.bob.clicks(old, "Ask again")

        await world.slack.ephemeral(world.bob, contains="nothing to ask again")
        assert world.store.list_pending() == (2,)


@pytest.mark.promise(8)
async def test_what_was_approved_beside_an_expired_card_is_not_run(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        world.model_plans(directive(notes("one"), notes("two")))
        await world.alice.mentions(world.pond, "do two things")
        cards = [await world.card(number) for number in (1, 2)]
        await world.run(1, RunStatus.WAITING)
        await world.bob.clicks(cards[1], "Approve")
        await world.closed(cards[1], saying="Approved by bob")

        await world.time_passes(hours=3)

        assert (await world.run(1, RunStatus.EXPIRED)).status is RunStatus.EXPIRED
        assert [world.approval(number).status.value for number in (1, 2)] == ["expired", "approved"]
        await world.closed(cards[0], saying="Expired")
        assert world.lines() == [], "what was approved waits for what was asked before it"


@pytest.mark.promise(8)
async def test_an_approval_that_never_expires_can_be_decided_years_later(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="never") as world:
        world.model_plans(RUN)
        await world.alice.mentions(world.pond, "run it")
        card = await world.card()
        await world.run(1, RunStatus.WAITING)
        await world.time_passes(hours=24 * 365 * 3)
        assert "Expires" not in card.text

        await world.bob.clicks(card, "Approve")

        assert await world.answer() == "Done."


@pytest.mark.promise(8)
async def test_what_expired_while_nobody_was_here_is_expired_after_the_start(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        world.model_plans(RUN)
        await world.alice.mentions(world.pond, "run it")
        card = await world.card()
        await world.run(1, RunStatus.WAITING)
        await world.close()
        world.slack.clock.advance(3 * 3600)

        await world.open()

        await world.run(1, RunStatus.EXPIRED)
        await world.closed(card, saying="Expired: nobody decided in time")


@pytest.mark.promise(8)
async def test_a_card_whose_time_ran_out_during_an_earlier_call_offers_to_ask_again(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        slow = call("shell_exec_safe", command="while [ ! -f go ]; do sleep 0.02; done")
        world.model_plans(directive(slow, notes("two")))
        await world.alice.mentions(world.pond, "do two things")
        cards = [await world.card(number) for number in (1, 2)]
        await world.bob.clicks(cards[0], "Approve")
        await world.run(1, RunStatus.RUNNING)
        await world.time_passes(hours=3)
        await world.closed(cards[1], saying="Expired")

        (world.files / "go").touch()

        await world.run(1, RunStatus.EXPIRED)
        await world.slack.until(lambda: cards[1].labels == ["Ask again"])


@pytest.mark.promise(8)
async def test_a_younger_sibling_of_an_expired_card_is_withdrawn_with_it(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVAL_HOURS="2") as world:
        (world.files / "a.txt").write_text("old\n")
        writes = [call("write_file", path=name, content="new\n") for name in ("a.txt", "b.txt")]
        world.model_plans(directive(*writes))
        await world.alice.mentions(world.pond, "write both")
        first, second = [await world.card(number) for number in (1, 2)]
        await world.run(1, RunStatus.WAITING)
        await world.time_passes(hours=1)
        (world.files / "a.txt").write_text("changed by somebody\n")
        await world.alice.clicks(first, "Approve")
        third = await world.card(3)  # the same call anew: it could be decided for two more hours
        await world.run(1, RunStatus.WAITING)

        await world.time_passes(hours=1, seconds=1)

        await world.run(1, RunStatus.EXPIRED)
        await world.closed(second, saying="Expired")
        await world.closed(third, saying="Withdrawn")
        assert [world.approval(number).status.value for number in (1, 2, 3)] == ["approved", "expired", "withdrawn"]
