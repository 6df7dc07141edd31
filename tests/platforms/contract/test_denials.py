"""Promise 21: a "no" and a "not like this" reach whoever plans, with the person's words; success is never claimed."""

import pytest

from runtime.models.embedded import EmbeddedModel
from runtime.models.port import Part, Role
from runtime.records import DeniedBy
from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import directive
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import Scene
from tests.stories.plots import RUN, for_each, notes, observations_of, planned, request_of

REASON = "not on a Friday"


@pytest.mark.promise(21)
async def test_a_denial_reaches_the_record_and_the_model_with_its_reason(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "Deny", words=REASON)

    run = await scene.run(1, RunStatus.COMPLETED)
    denial = run.steps[0].calls[0].denial
    assert denial is not None
    assert (denial.by, denial.reason, denial.who) == (DeniedBy.PERSON, REASON, scene.approver.name)
    answered = scene.model.newest
    assert answered.role is Role.THINKER
    observed = f"{scene.approver.name} denied this call, saying: {REASON}. It was not run."
    assert observed in "\n".join(observations_of(answered))
    told = [message.text for message in answered.messages if message.part is Part.NOTE]
    assert any("Say that it was denied and was not done" in note for note in told)
    assert planned(scene.model.requests) == 1, "after a no the agent looks for no other way"
    assert scene.lines() == []


@pytest.mark.promise(21)
async def test_the_denial_stands_on_the_card_and_in_the_events(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "Deny", words=REASON)

    await scene.closed(card, saying=f"Denied by {scene.approver.name}")
    assert REASON in card.text
    (decided,) = scene.events_of("approval_decided")
    assert decided.body is not None
    assert (decided.body["verdict"], decided.body["comment"]) == ("deny", REASON)


@pytest.mark.promise(21)
async def test_a_denial_needs_no_reason(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "Deny")

    await scene.run(1, RunStatus.COMPLETED)
    denied = f"{scene.approver.name} denied this call, without a reason"
    assert denied in observations_of(scene.model.newest)[0]


@pytest.mark.promise(21)
async def test_without_a_language_model_the_answer_says_that_it_was_denied(scene: Scene) -> None:
    await scene.close()
    scene.mind = EmbeddedModel()
    await scene.open()
    await scene.says("run: echo ran >> ran.txt")

    await scene.clicks(await scene.card(), "Deny", words=REASON)

    answer = await scene.hears("denied")
    assert REASON in answer
    assert not any(word in answer.lower() for word in ("succeeded", "done", "exit status 0"))
    assert scene.lines() == []


@pytest.mark.promise(21)
async def test_a_later_question_is_told_of_the_denial_and_not_of_a_success(scene: Scene) -> None:
    scene.model_says(for_each({"run it": RUN}, answer="It was denied."))
    await scene.says("run it")
    await scene.clicks(await scene.card(), "Deny", words=REASON)
    await scene.answer()

    await scene.says("did it run?")
    await scene.answer(2)

    seen = scene.model.newest
    assert request_of(seen) == "did it run?"
    history = [message.text for message in seen.messages if message.part is Part.HISTORY]
    assert any("It was denied." in text for text in history)


@pytest.mark.promise(21)
async def test_after_a_no_the_calls_behind_it_in_the_step_are_not_lost(scene: Scene) -> None:
    scene.model_plans(directive(notes("one"), notes("two")))
    await scene.says("do two things")
    first, second = await scene.card(1), await scene.card(2)

    await scene.clicks(first, "Deny", words="no")
    await scene.closed(first, saying=f"Denied by {scene.approver.name}")
    await scene.clicks(second, "Approve")

    run = await scene.run(1, RunStatus.COMPLETED)
    assert [call.denial is not None for call in run.steps[0].calls] == [True, False]
    assert scene.lines() == ["two"]


@pytest.mark.promise(21)
async def test_words_for_a_change_reach_the_planner_which_proposes_again_with_a_new_card(scene: Scene) -> None:
    scene.model_plans(RUN, directive(notes("better")))
    await scene.says("run it")
    first = await scene.card(1)

    await scene.clicks(first, "Change…", words="say better, not ran")

    second = await scene.card(2)
    await scene.closed(first, saying=f"Changes requested by {scene.approver.name}")
    assert "say better, not ran" in first.text
    asked_again = scene.model.newest
    assert asked_again.role is Role.ACTION
    assert "asked for changes instead of approving: say better, not ran" in observations_of(asked_again)[0]
    assert scene.lines() == []
    await scene.clicks(second, "Approve")
    assert await scene.answer() == "Done."
    assert scene.lines() == ["better"]


@pytest.mark.promise(21)
async def test_without_a_language_model_words_that_are_no_command_bring_the_same_call_again_and_its_card_says_so(
    scene: Scene,
) -> None:
    await scene.close()
    scene.mind = EmbeddedModel()
    await scene.open()
    await scene.says("run: echo ran >> ran.txt")

    await scene.clicks(await scene.card(1), "Change…", words="say it more nicely")

    again = await scene.card(2)
    assert "echo ran >> ran.txt" in again.text
    assert "A person wanted this very call changed, and it is the same again." in again.text
    assert "I did not understand the change, so this is the same call again." in again.text
    assert scene.lines() == []
    await scene.clicks(again, "Approve")
    await scene.run(1, RunStatus.COMPLETED)
    assert scene.lines() == ["ran"]


@pytest.mark.promise(21)
async def test_a_change_withdraws_the_undecided_siblings_and_keeps_the_decided_ones(scene: Scene) -> None:
    scene.model_plans(directive(notes("one"), notes("two"), notes("three")), directive(notes("better")))
    await scene.says("do three things")
    cards = {number: await scene.card(number) for number in (1, 2, 3)}
    await scene.run(1, RunStatus.WAITING)
    await scene.clicks(cards[1], "Approve")
    await scene.closed(cards[1], saying=f"Approved by {scene.approver.name}")

    await scene.clicks(cards[2], "Change…", words="say better")

    new = await scene.card(4)
    await scene.closed(cards[3], saying="Withdrawn")
    assert scene.approval(3).status is ApprovalStatus.WITHDRAWN
    observed = "\n".join(observations_of(scene.model.newest))
    assert "asked for changes instead of approving: say better" in observed
    assert "This call was not run." in observed
    assert scene.lines() == ["one"]
    await scene.clicks(new, "Approve")
    assert await scene.answer() == "Done."
    assert scene.lines() == ["one", "better"]
