"""Promise 21: a "no" and a "not like this" reach whoever plans, with the person's words; success is never claimed."""

import pytest

from runtime.models.embedded import EmbeddedModel
from runtime.models.port import Part, Role
from runtime.records import DeniedBy
from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import directive
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN, for_each, notes, observations_of, planned, request_of
from tests.stories.world import World


async def denied(world: World, reason: str) -> None:
    """bob denies approval 1 with a reason, through the form on its card."""
    await world.bob.clicks(await world.card(), "Deny")
    await world.slack.until(lambda: world.bob.modal)
    await world.bob.submits(values={"Reason": reason})


@pytest.mark.promise(21)
async def test_a_denial_reaches_the_record_and_the_model_with_its_reason(world: World) -> None:
    world.model_plans(RUN, answer="It was denied.")
    await world.alice.mentions(world.pond, "run it")

    await denied(world, "not on a Friday")

    run = await world.run(1, RunStatus.COMPLETED)
    denial = run.steps[0].calls[0].denial
    assert denial is not None
    assert (denial.by, denial.reason, denial.who) == (DeniedBy.PERSON, "not on a Friday", "bob")
    answered = world.model.requests[-1]
    assert answered.role is Role.THINKER
    assert "bob denied this call, saying: not on a Friday. It was not run." in "\n".join(observations_of(answered))
    told = [message.text for message in answered.messages if message.part is Part.NOTE]
    assert any("Say that it was denied and was not done" in note for note in told)
    assert planned(world.model.requests) == 1, "after a no the agent looks for no other way"
    assert world.lines() == []


@pytest.mark.promise(21)
async def test_the_denial_stands_on_the_card_and_in_the_events(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()

    await denied(world, "not on a Friday")

    await world.closed(card, saying="Denied by bob")
    assert "not on a Friday" in card.text
    (decided,) = world.events_of("approval_decided")
    assert decided.body is not None
    assert (decided.body["verdict"], decided.body["comment"]) == ("deny", "not on a Friday")


@pytest.mark.promise(21)
async def test_a_denial_needs_no_reason(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.bob.clicks(await world.card(), "Deny")
    await world.slack.until(lambda: world.bob.modal)

    await world.bob.submits()

    await world.run(1, RunStatus.COMPLETED)
    assert "bob denied this call, without a reason" in observations_of(world.model.requests[-1])[0]


@pytest.mark.promise(21)
async def test_without_a_language_model_the_answer_says_that_it_was_denied(world_with: OpenWorld) -> None:
    async with world_with() as world:
        await world.close()
        world.mind = EmbeddedModel()
        await world.open()
        asked = await world.alice.mentions(world.pond, "run: echo ran >> ran.txt")

        await denied(world, "not on a Friday")

        answer = await world.slack.message(world.pond, thread=asked, contains="denied")
        assert "not on a Friday" in answer.text
        assert not any(word in answer.text.lower() for word in ("succeeded", "done", "exit status 0"))
        assert world.lines() == []


@pytest.mark.promise(21)
async def test_a_later_question_is_told_of_the_denial_and_not_of_a_success(world: World) -> None:
    world.model_says(for_each({"run it": RUN}, answer="It was denied."))
    thread = await world.alice.mentions(world.pond, "run it")
    await denied(world, "not on a Friday")
    await world.answer()

    await world.alice.says(world.pond, "did it run?", thread=thread)
    await world.answer(2)

    seen = world.model.requests[-1]
    assert request_of(seen) == "did it run?"
    history = [message.text for message in seen.messages if message.part is Part.HISTORY]
    assert any("It was denied." in text for text in history)


@pytest.mark.promise(21)
async def test_after_a_no_the_calls_behind_it_in_the_step_are_not_lost(world: World) -> None:
    world.model_plans(directive(notes("one"), notes("two")))
    await world.alice.mentions(world.pond, "do two things")
    second = await world.card(2)

    await denied(world, "no")
    await world.closed(await world.card(1), saying="Denied by bob")
    await world.bob.clicks(second, "Approve")

    run = await world.run(1, RunStatus.COMPLETED)
    assert [call.denial is not None for call in run.steps[0].calls] == [True, False]
    assert world.lines() == ["two"]


@pytest.mark.promise(21)
async def test_words_for_a_change_reach_the_planner_which_proposes_again_with_a_new_card(world: World) -> None:
    world.model_plans(RUN, directive(notes("better")))
    await world.alice.mentions(world.pond, "run it")
    first = await world.card(1)

    await world.bob.clicks(first, "Change…")
    await world.slack.until(lambda: world.bob.modal)
    await world.bob.submits(values={"What should be different?": "say better, not ran"})

    second = await world.card(2)
    await world.closed(first, saying="Changes requested by bob")
    assert "say better, not ran" in first.text
    asked_again = world.model.requests[-1]
    assert asked_again.role is Role.ACTION
    assert "asked for changes instead of approving: say better, not ran" in observations_of(asked_again)[0]
    assert world.lines() == []
    await world.bob.clicks(second, "Approve")
    assert await world.answer() == "Done."
    assert world.lines() == ["better"]


@pytest.mark.promise(21)
async def test_a_change_withdraws_the_undecided_siblings_and_keeps_the_decided_ones(world: World) -> None:
    world.model_plans(directive(notes("one"), notes("two"), notes("three")), directive(notes("better")))
    await world.alice.mentions(world.pond, "do three things")
    cards = {number: await world.card(number) for number in (1, 2, 3)}
    await world.run(1, RunStatus.WAITING)
    await world.bob.clicks(cards[1], "Approve")
    await world.closed(cards[1], saying="Approved by bob")

    await world.presses(world.ref(world.bob), "change", 2, comment="say better")

    new = await world.card(4)
    await world.closed(cards[3], saying="Withdrawn")
    assert world.approval(3).status is ApprovalStatus.WITHDRAWN
    observed = "\n".join(observations_of(world.model.requests[-1]))
    assert "asked for changes instead of approving: say better" in observed
    assert "This call was not run." in observed
    assert world.lines() == ["one"]
    await world.bob.clicks(new, "Approve")
    assert await world.answer() == "Done."
    assert world.lines() == ["one", "better"]
