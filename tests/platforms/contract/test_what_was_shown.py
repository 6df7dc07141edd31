"""Promise 14: what runs is what was shown on the card that somebody said yes to, and nothing else."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.scene import Card, Scene
from tests.stories.plots import notes

WRITE = directive(call("write_file", path="duck.txt", content="quack\n"))


async def asked_to_write(scene: Scene) -> Card:
    (scene.files / "duck.txt").write_text("peep\n")
    scene.model_plans(WRITE)
    await scene.says("write it")
    card = await scene.card()
    await scene.run(1, RunStatus.WAITING)
    assert "-peep" in card.text
    return card


@pytest.mark.promise(14)
async def test_a_file_that_changed_since_it_was_shown_is_shown_again(scene: Scene) -> None:
    card = await asked_to_write(scene)
    (scene.files / "duck.txt").write_text("moo\n")

    await scene.clicks(card, "Approve", by=scene.asker)

    second = await scene.card(2)
    assert "-moo" in second.text
    assert (await scene.run(1, RunStatus.WAITING)).steps[0].calls[0].observation is None
    assert scene.lines("duck.txt") == ["moo"]
    await scene.clicks(second, "Approve", by=scene.asker)
    assert await scene.answer() == "Done."
    assert scene.lines("duck.txt") == ["quack"]


@pytest.mark.promise(14)
async def test_the_first_yes_says_nothing_about_the_second_card(scene: Scene) -> None:
    card = await asked_to_write(scene)
    (scene.files / "duck.txt").write_text("moo\n")
    await scene.clicks(card, "Approve", by=scene.asker)
    second = await scene.card(2)

    await scene.clicks(card, "Approve", by=scene.asker)
    await scene.is_told(scene.asker, "settled before you")
    await scene.clicks(second, "Deny", by=scene.asker)

    await scene.run(1, RunStatus.COMPLETED)
    assert scene.approval(2).status is ApprovalStatus.DENIED
    assert scene.lines("duck.txt") == ["moo"]


@pytest.mark.promise(14)
async def test_a_file_that_says_already_what_was_approved_is_not_asked_about_again(scene: Scene) -> None:
    card = await asked_to_write(scene)
    (scene.files / "duck.txt").write_text("quack\n")

    await scene.clicks(card, "Approve", by=scene.asker)

    assert await scene.answer() == "Done."
    assert scene.store.find_approval(scene.approval().id) is not None
    assert len(scene.events_of("tool_approval_requested")) == 1


@pytest.mark.promise(14)
@pytest.mark.mistake(12)
async def test_other_arguments_are_another_approval_and_the_first_card_cannot_run_them(scene: Scene) -> None:
    scene.model_plans(directive(notes("first")), directive(notes("second")))
    await scene.says("run it")
    first = await scene.card(1)
    await scene.clicks(first, "Change…", words="say second")
    second = await scene.card(2)

    await scene.clicks(first, "Approve")

    await scene.is_told(scene.approver, "settled before you")
    assert scene.approval(2).status is ApprovalStatus.PENDING
    assert scene.lines() == []
    await scene.clicks(second, "Approve")
    assert await scene.answer() == "Done."
    assert scene.lines() == ["second"]
