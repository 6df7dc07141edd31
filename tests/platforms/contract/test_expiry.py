"""Promise 8: an approval may never expire, or expire after a set time; then it can be asked again."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import Card, OpenCrowd, OpenScene, Scene
from tests.stories.plots import notes


async def expired(scene: Scene) -> Card:
    """A card that nobody decided within its two hours, once it says so."""
    card = await asked(scene)
    await scene.time_passes(hours=2, seconds=1)
    await scene.run(1, RunStatus.EXPIRED)
    await scene.closed(card, saying="Expired: nobody decided in time")
    return card


def offers(card: Card) -> list[str]:
    """What can be done about it, beside reading it."""
    return [label for label in card.labels if label != "Show everything"]


@pytest.mark.promise(8)
async def test_a_run_whose_time_is_over_is_expired_and_not_denied(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        card = await expired(scene)

        run = await scene.run(1, RunStatus.EXPIRED)
        assert scene.approval().status is ApprovalStatus.EXPIRED
        assert run.steps[0].calls[0].denial is None
        assert scene.events_of("approval_decided") == ()
        assert len(scene.events_of("run_expired")) == 1
        assert offers(card) == ["Ask again"]
        assert scene.lines() == []


@pytest.mark.promise(8)
async def test_just_before_its_time_is_over_it_can_be_decided(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        card = await asked(scene)
        await scene.time_passes(hours=1, minutes=59)

        await scene.clicks(card, "Approve")

        assert await scene.answer() == "Done."


@pytest.mark.promise(8)
@pytest.mark.parametrize("who", ["asker", "approver"])
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "across a restart"])
async def test_ask_again_makes_a_new_card_that_works(scene_with: OpenScene, who: str, restarts: bool) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        old = await expired(scene)
        if restarts:
            await scene.restart()

        await scene.clicks(old, "Ask again", by=getattr(scene, who))
        new = await scene.card(2)
        assert (await scene.run(1)).status is RunStatus.WAITING
        await scene.clicks(new, "Approve")

        assert await scene.answer() == "Done."
        assert scene.lines() == ["ran"]
        assert scene.approval(1).status is ApprovalStatus.EXPIRED
        await scene.seen(lambda: offers(old) == [])
        assert len(scene.model.requests) == 3, "the call is the stored one: the planner was asked before and after it"


@pytest.mark.promise(8, not_on={"terminal": "whoever sits at the machine is no stranger to it"})
async def test_a_stranger_cannot_ask_again(scene_with: OpenCrowd) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        card = await expired(scene)

        await scene.clicks(card, "Ask again", by=scene.stranger)

        await scene.is_told(scene.stranger, f"you are {scene.stranger.ref}")
        assert (await scene.run(1)).status is RunStatus.EXPIRED
        assert len(scene.events_of("approval_refused")) == 1


@pytest.mark.promise(8)
async def test_asking_again_twice_makes_one_new_card(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        card = await expired(scene)

        await scene.clicks(card, "Ask again", by=scene.asker)
        await scene.is_told(scene.asker, "Asked again")
        await scene.clicks(card, "Ask again", by=scene.approver)

        await scene.is_told(scene.approver, "nothing to ask again")
        assert scene.store.list_pending() == (2,)


@pytest.mark.promise(8)
async def test_what_was_approved_beside_an_expired_card_is_not_run(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        scene.model_plans(directive(notes("one"), notes("two")))
        await scene.says("do two things")
        cards = [await scene.card(number) for number in (1, 2)]
        await scene.run(1, RunStatus.WAITING)
        await scene.clicks(cards[1], "Approve")
        await scene.closed(cards[1], saying=f"Approved by {scene.approver.name}")

        await scene.time_passes(hours=3)

        assert (await scene.run(1, RunStatus.EXPIRED)).status is RunStatus.EXPIRED
        assert [scene.approval(number).status.value for number in (1, 2)] == ["expired", "approved"]
        await scene.closed(cards[0], saying="Expired")
        assert scene.lines() == [], "what was approved waits for what was asked before it"


@pytest.mark.promise(8)
async def test_an_approval_that_never_expires_can_be_decided_years_later(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="never") as scene:
        card = await asked(scene)
        await scene.time_passes(hours=24 * 365 * 3)
        assert "expires" not in card.text.lower() or "never" in card.text

        await scene.clicks(card, "Approve")

        assert await scene.answer() == "Done."


@pytest.mark.promise(8)
async def test_what_expired_while_nobody_was_here_is_expired_after_the_start(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        card = await asked(scene)
        await scene.close()
        scene.clock.advance(3 * 3600)

        await scene.open()

        await scene.run(1, RunStatus.EXPIRED)
        await scene.closed(card, saying="Expired: nobody decided in time")


@pytest.mark.promise(8)
async def test_a_card_whose_time_ran_out_during_an_earlier_call_offers_to_ask_again(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        slow = call("shell_exec_safe", command="touch begun; while [ ! -f go ]; do sleep 0.02; done")
        scene.model_plans(directive(slow, notes("two")))
        await scene.says("do two things")
        cards = [await scene.card(number) for number in (1, 2)]
        await scene.clicks(cards[0], "Approve")
        await scene.run(1, RunStatus.RUNNING)
        await scene.time_passes(hours=3)
        await scene.closed(cards[1], saying="Expired")

        (scene.files / "go").touch()

        await scene.run(1, RunStatus.EXPIRED)
        await scene.seen(lambda: offers(cards[1]) == ["Ask again"])


@pytest.mark.promise(8)
async def test_a_younger_sibling_of_an_expired_card_is_withdrawn_with_it(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        (scene.files / "a.txt").write_text("old\n")
        writes = [call("write_file", path=name, content="new\n") for name in ("a.txt", "b.txt")]
        scene.model_plans(directive(*writes))
        await scene.says("write both")
        first, second = [await scene.card(number) for number in (1, 2)]
        await scene.run(1, RunStatus.WAITING)
        await scene.time_passes(hours=1)
        (scene.files / "a.txt").write_text("changed by somebody\n")
        await scene.clicks(first, "Approve", by=scene.asker)
        third = await scene.card(3)  # the same call anew: it could be decided for two more hours
        await scene.run(1, RunStatus.WAITING)

        await scene.time_passes(hours=1, seconds=1)

        await scene.run(1, RunStatus.EXPIRED)
        await scene.closed(second, saying="Expired")
        await scene.closed(third, saying="Withdrawn")
        assert [scene.approval(number).status.value for number in (1, 2, 3)] == ["approved", "expired", "withdrawn"]
