"""Promise 32: a call that may or may not have run is a card of its own: somebody checks, and says done, failed or retry."""

import pytest

from runtime.records import ApprovalKind
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.fakes.scripted import call, directive
from tests.fakes.slack import Message
from tests.stories.plots import notes, observations_of
from tests.stories.world import World

HANGS_ONCE = call("shell_exec_safe", command="echo tried >> ran.txt; [ -f go ] || sleep 60", timeout_s=1)


async def unclear(world: World) -> Message:
    """The card that asks what became of a command which did not end in time."""
    world.model_plans(directive(HANGS_ONCE, notes("next")))
    await world.alice.mentions(world.pond, "do two things")
    cards = [await world.card(number) for number in (1, 2)]
    for card in cards:
        await world.bob.clicks(card, "Approve")
        await world.closed(card, saying="Approved by bob")
    return await world.card(3)


@pytest.mark.promise(32)
async def test_a_call_that_may_have_run_asks_a_person_and_nothing_goes_on(world: World) -> None:
    card = await unclear(world)

    run = await world.run(1, RunStatus.WAITING)

    assert run.steps[0].calls[0].state is CallState.OUTCOME_UNKNOWN
    assert world.approval(3).kind is ApprovalKind.OUTCOME
    assert world.approval(3).expires_at is None, "checking has no deadline"
    assert "did shell_exec_safe take effect?" in card.text
    assert "was stopped, so it may or may not have taken effect. Please look" in card.text
    assert "What it would do" not in card.text
    assert card.labels == ["Mark done", "Mark failed", "Retry", "Show everything"]
    assert world.lines() == ["tried"]


@pytest.mark.promise(32)
@pytest.mark.parametrize(
    ("label", "words", "ok"),
    [
        ("Mark done", "bob checked and says that this call took effect", True),
        ("Mark failed", "bob checked and says that this call did not take effect", False),
    ],
)
async def test_marking_it_tells_the_planner_and_runs_nothing_twice(
    world: World, label: str, words: str, ok: bool
) -> None:
    card = await unclear(world)

    await world.bob.clicks(card, label)

    assert await world.answer() == "Done."
    observation = (await world.run()).steps[0].calls[0].observation
    assert observation is not None
    assert observation.ok is ok
    assert words in "\n".join(observations_of(world.model.requests[-1]))
    assert world.lines() == ["tried", "next"]
    await world.slack.until(lambda: "by bob" in card.text and card.buttons == ())


@pytest.mark.promise(32)
async def test_a_retry_runs_it_again_as_a_new_attempt(world: World) -> None:
    card = await unclear(world)
    (world.files / "go").touch()

    await world.bob.clicks(card, "Retry")

    assert await world.answer() == "Done."
    started = [event.body for event in world.events_of("tool_call_started")]
    attempts = [(body["call"], body["attempt"]) for body in started if body is not None]
    assert attempts == [(1, 1), (1, 2), (2, 1)]
    assert (await world.run()).steps[0].calls[0].attempt == 2
    assert world.lines() == ["tried", "tried", "next"]


@pytest.mark.promise(32)
async def test_a_retry_that_hangs_again_asks_again(world: World) -> None:
    card = await unclear(world)

    await world.bob.clicks(card, "Retry")

    again = await world.card(4)
    assert again.labels == ["Mark done", "Mark failed", "Retry", "Show everything"]
    assert world.lines() == ["tried", "tried"]


@pytest.mark.promise(32)
async def test_it_waits_across_a_restart_and_is_never_tried_by_itself(world: World) -> None:
    card = await unclear(world)
    old = card.snapshot()
    await world.run(1, RunStatus.WAITING)

    await world.restart()
    await world.time_passes(hours=1_000)
    await world.bob.clicks(old, "Mark done")

    assert await world.answer() == "Done."
    assert world.lines() == ["tried", "next"]


@pytest.mark.promise(32)
async def test_whoever_may_not_decide_the_call_may_not_say_what_became_of_it(world: World) -> None:
    card = await unclear(world)

    await world.alice.clicks(card, "Mark done")

    await world.slack.ephemeral(world.alice, contains="Only an approver can decide this")
    assert world.approval(3).status is ApprovalStatus.PENDING
    (refused,) = world.events_of("approval_refused")
    assert refused.body is not None
    assert refused.body["verdict"] == "mark_done"


@pytest.mark.promise(32)
async def test_it_can_be_typed_where_no_button_is_at_hand(world: World) -> None:
    await unclear(world)

    await world.bob.dms("mark done 3")

    assert await world.answer() == "Done."
    assert world.lines() == ["tried", "next"]
