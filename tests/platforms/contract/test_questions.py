"""A question of the agent waits for a person as an approval does; what the person says is what the agent goes on with."""

import pytest

from runtime.records import ApprovalKind
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.scene import Card, OpenScene, Scene
from tests.stories.plots import AWKWARD, RUN, for_each, notes, observations_of, planned

QUESTION = "Which pond shall I clean?"
ASK = directive(call("ask_person", question=QUESTION, options=["The big one", "The small one"]))
OFFERED = ["The big one", "The small one", "Answer…", "Show everything"]


async def asked(scene: Scene, *then: str) -> Card:
    scene.model_plans(ASK, *then)
    await scene.says("clean a pond")
    await scene.run(1, RunStatus.WAITING)
    return await scene.card()


def told_to_the_model(scene: Scene) -> str:
    return "\n".join(observations_of(scene.model.newest))


@pytest.mark.promise(1)
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "across a restart"])
async def test_a_button_answers_and_the_run_goes_on_with_it(scene: Scene, restarts: bool) -> None:
    card = await asked(scene)
    assert list(card.labels) == OFFERED
    assert QUESTION in card.text
    if restarts:
        await scene.restart()

    await scene.clicks(card, "The small one", by=scene.asker)

    assert await scene.answer() == "Done."
    assert f"{scene.asker.name} answered: The small one" in told_to_the_model(scene)
    await scene.closed(card, saying=f"Answered by {scene.asker.name}")
    assert scene.approval().kind is ApprovalKind.QUESTION
    (decided,) = scene.events_of("approval_decided")
    assert decided.body is not None
    assert (decided.body["verdict"], decided.body["comment"]) == ("answer", "The small one")
    assert (await scene.run(1)).steps[0].calls[0].state is CallState.OBSERVED


async def test_other_words_than_the_offered_ones_can_be_given(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "Answer…", by=scene.asker, words="neither: the puddle")

    assert await scene.answer() == "Done."
    assert f"{scene.asker.name} answered: neither: the puddle" in told_to_the_model(scene)
    await scene.closed(card, saying="neither: the puddle")


@pytest.mark.promise(19)
async def test_an_answer_can_be_typed_with_its_number(scene: Scene) -> None:
    card = await asked(scene)

    await scene.says("answer 1: the frozen one")

    assert await scene.answer() == "Done."
    assert "answered: the frozen one" in told_to_the_model(scene)
    await scene.closed(card, saying="the frozen one")


@pytest.mark.promise(3)
@pytest.mark.promise(18)
async def test_words_without_a_number_are_no_answer(scene: Scene) -> None:
    scene.model_says(for_each({"clean a pond": ASK}))
    await scene.says("clean a pond")
    await scene.run(1, RunStatus.WAITING)

    await scene.says("The small one")
    await scene.answer(2)
    await scene.says("answer 1")

    await scene.hears("Nothing was decided")
    assert scene.approval().status is ApprovalStatus.PENDING
    assert (await scene.run(1)).status is RunStatus.WAITING


async def test_an_approver_may_answer_for_the_one_who_asked(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "The big one", by=scene.approver)

    assert await scene.answer() == "Done."
    assert f"{scene.approver.name} answered: The big one" in told_to_the_model(scene)


@pytest.mark.promise(16)
async def test_nothing_is_asked_of_the_model_while_a_person_thinks(scene: Scene) -> None:
    card = await asked(scene)
    before = planned(scene.model.requests)

    await scene.time_passes(hours=1)
    await scene.clicks(card, "The big one", by=scene.asker)
    await scene.answer()

    assert (before, planned(scene.model.requests)) == (1, 2)


@pytest.mark.promise(8)
async def test_a_question_expires_and_can_be_asked_again(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVAL_HOURS="2") as scene:
        card = await asked(scene)
        await scene.time_passes(hours=2, seconds=1)
        await scene.run(1, RunStatus.EXPIRED)
        await scene.closed(card, saying="Expired: nobody decided in time")

        await scene.clicks(card, "Ask again", by=scene.asker)

        second = await scene.card(2)
        assert list(second.labels) == OFFERED
        assert scene.approval(2).kind is ApprovalKind.QUESTION
        await scene.clicks(second, "The big one", by=scene.asker)
        assert await scene.answer() == "Done."


@pytest.mark.promise(29)
async def test_stopping_a_run_closes_its_question(scene: Scene) -> None:
    card = await asked(scene)

    await scene.says("stop")

    await scene.run(1, RunStatus.CANCELLED)
    await scene.closed(card, saying="Withdrawn")
    assert scene.approval().status is ApprovalStatus.WITHDRAWN


@pytest.mark.promise(4)
async def test_what_comes_after_a_question_waits_for_the_answer(scene: Scene) -> None:
    scene.model_plans(directive(call("ask_person", question=QUESTION), notes("ran")))
    await scene.says("clean it")
    question, command = await scene.card(1), await scene.card(2)

    await scene.clicks(command, "Approve")
    await scene.is_told(scene.approver, "Approved by")
    assert scene.lines() == []
    await scene.clicks(question, "Answer…", by=scene.asker, words="now")

    assert await scene.answer() == "Done."
    assert scene.lines() == ["ran"]


@pytest.mark.promise(21)
async def test_changes_to_a_sibling_take_the_question_back(scene: Scene) -> None:
    scene.model_plans(directive(call("ask_person", question=QUESTION), notes("ran")))
    await scene.says("clean it")
    question, command = await scene.card(1), await scene.card(2)

    await scene.clicks(command, "Change…", words="not so")

    await scene.closed(question, saying="Withdrawn")
    assert scene.approval(1).status is ApprovalStatus.WITHDRAWN
    assert await scene.answer() == "Done."


@pytest.mark.promise(12)
@pytest.mark.promise(28)
@pytest.mark.parametrize("name", AWKWARD)
async def test_any_question_makes_a_card_that_can_be_answered(scene: Scene, name: str) -> None:
    text = (AWKWARD[name] * 2_000)[:1_900] + "?"
    scene.model_plans(directive(call("ask_person", question=text, options=["& < > `yes` *x*", "@everyone <!here>"])))
    await scene.says("ask me")
    card = await scene.card()

    await scene.clicks(card, "@everyone <!here>", by=scene.asker)

    assert await scene.answer() == "Done."
    await scene.closed(card, saying=f"Answered by {scene.asker.name}")
    assert scene.disturbances() == []


@pytest.mark.promise(15)
async def test_no_grant_and_no_yes_answers_a_question(scene: Scene) -> None:
    await asked(scene)

    for verb in ("approve", "always", "deny", "change", "mark_done", "answer_3", "answer"):
        settled = await scene.presses(scene.asker.ref, verb)
        assert settled.outcome == "not_possible", verb

    assert scene.approval().status is ApprovalStatus.PENDING
    assert scene.events_of("approval_decided") == ()


async def test_a_permission_is_not_settled_with_an_answer(scene: Scene) -> None:
    scene.model_plans(RUN)
    await scene.says("run it")
    await scene.card()

    settled = await scene.presses(scene.approver.ref, "answer", comment="yes")
    chosen = await scene.presses(scene.approver.ref, "answer_1")

    assert (settled.outcome, chosen.outcome) == ("not_possible", "not_possible")
    assert scene.approval().status is ApprovalStatus.PENDING
    assert scene.lines() == []
