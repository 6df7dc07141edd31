"""Promise 32: a call that may or may not have run is a card of its own: somebody checks, and says done, failed or retry."""

import pytest

from runtime.records import ApprovalKind
from runtime.states import CallState, RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.scene import Card, Scene
from tests.stories.plots import notes, observations_of

HANGS_ONCE = call("shell_exec_safe", command="sh -c 'echo tried >> ran.txt; [ -f go ] || sleep 60'", timeout_s=1)


async def unclear(scene: Scene) -> Card:
    """The card that asks what became of a command which did not end in time."""
    scene.model_plans(directive(HANGS_ONCE, notes("next")))
    await scene.says("do two things")
    cards = [await scene.card(number) for number in (1, 2)]
    for card in cards:
        await scene.clicks(card, "Approve")
        await scene.closed(card, saying=f"Approved by {scene.approver.name}")
    return await scene.card(3)


@pytest.mark.promise(32)
async def test_a_call_that_may_have_run_asks_a_person_and_nothing_goes_on(scene: Scene) -> None:
    card = await unclear(scene)

    run = await scene.run(1, RunStatus.WAITING)

    assert run.steps[0].calls[0].state is CallState.OUTCOME_UNKNOWN
    assert scene.approval(3).kind is ApprovalKind.OUTCOME
    assert scene.approval(3).expires_at is None, "checking has no deadline"
    assert "did shell_exec_safe take effect?" in card.text
    assert "was stopped, so it may or may not have taken effect. Please look" in card.text
    assert "what it would do" not in card.text.lower()
    assert list(card.labels) == ["Mark done", "Mark failed", "Retry", "Show everything"]
    assert scene.lines() == ["tried"]


@pytest.mark.promise(32)
@pytest.mark.parametrize(
    ("label", "words", "ok"),
    [
        ("Mark done", "checked and says that this call took effect", True),
        ("Mark failed", "checked and says that this call did not take effect", False),
    ],
)
async def test_marking_it_tells_the_planner_and_runs_nothing_twice(
    scene: Scene, label: str, words: str, ok: bool
) -> None:
    card = await unclear(scene)

    await scene.clicks(card, label)

    assert await scene.answer() == "Done."
    observation = (await scene.run()).steps[0].calls[0].observation
    assert observation is not None
    assert observation.ok is ok
    assert f"{scene.approver.name} {words}" in "\n".join(observations_of(scene.model.newest))
    assert scene.lines() == ["tried", "next"]
    await scene.seen(lambda: f"by {scene.approver.name}" in card.text and not card.labels)


@pytest.mark.promise(32)
async def test_a_retry_runs_it_again_as_a_new_attempt(scene: Scene) -> None:
    card = await unclear(scene)
    (scene.files / "go").touch()

    await scene.clicks(card, "Retry")

    assert await scene.answer() == "Done."
    started = [event.body for event in scene.events_of("tool_call_started")]
    attempts = [(body["call"], body["attempt"]) for body in started if body is not None]
    assert attempts == [(1, 1), (1, 2), (2, 1)]
    assert (await scene.run()).steps[0].calls[0].attempt == 2
    assert scene.lines() == ["tried", "tried", "next"]


@pytest.mark.promise(32)
async def test_it_waits_across_a_restart_and_is_never_tried_by_itself(scene: Scene) -> None:
    card = await unclear(scene)
    await scene.run(1, RunStatus.WAITING)

    await scene.restart()
    await scene.time_passes(hours=1_000)
    await scene.clicks(card, "Mark done")

    assert await scene.answer() == "Done."
    assert scene.lines() == ["tried", "next"]
