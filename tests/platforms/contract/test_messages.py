"""Promises 23 to 26 and 29: what becomes of a message, however often and whenever it arrives, and of "stop"."""

import asyncio

import pytest

from runtime.models.port import ModelRequest, Part, Role
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import Crowd, Scene
from tests.stories.plots import for_each, request_of

READ_ONCE = {"terminal": "a typed line is read once, and nothing lies in between that could repeat or delay it"}
NOBODY_TYPES = {"terminal": "nobody types into a terminal that is not there"}
ALONE = {"terminal": "nobody but the person at the keyboard speaks there, and what was typed stays as it is"}


def echoes(request: ModelRequest) -> str:
    return directive() if request.role is Role.ACTION else f"You said: {request_of(request)}"


@pytest.mark.promise(23, not_on=READ_ONCE)
@pytest.mark.mistake(1)
async def test_a_message_that_is_delivered_three_times_is_one_run(scene: Crowd) -> None:
    scene.deliver_copies(3)

    await scene.says("hello")

    await scene.hears("Done.")
    await scene.settled()
    assert scene.runs() == 1
    assert scene.answers() == ["Done."]


@pytest.mark.promise(23, not_on=READ_ONCE)
@pytest.mark.mistake(1)
async def test_a_message_delivered_again_after_a_restart_is_not_answered_again(scene: Crowd) -> None:
    await scene.says("hello")
    await scene.hears("Done.")

    await scene.restart()
    await scene.delivered_again()
    await scene.settled()

    assert scene.runs() == 1
    assert scene.answers() == ["Done."]


@pytest.mark.promise(23, not_on=READ_ONCE)
async def test_messages_that_arrive_backwards_are_each_one_run(scene: Crowd) -> None:
    scene.model_says(echoes)
    await scene.says("zero")
    await scene.hears("You said: zero")
    scene.hold_messages()
    await scene.says("one")
    await scene.says("two")

    await scene.release_messages(backwards=True)

    await scene.hears("You said: one")
    await scene.hears("You said: two")
    await scene.settled()
    assert scene.runs() == 3


@pytest.mark.promise(24, not_on=NOBODY_TYPES)
@pytest.mark.mistake(23)
async def test_what_was_said_while_mallard_was_down_is_answered_after_it_starts(scene: Crowd) -> None:
    scene.model_says(echoes)
    await scene.says("are you there?")
    await scene.hears("You said: are you there?")
    await scene.close()
    await scene.says("while you slept")
    scene.lose_messages()

    await scene.open()

    await scene.hears("You said: while you slept")
    assert scene.runs() == 2


@pytest.mark.promise(25, not_on=ALONE)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
async def test_noise_starts_no_run(scene: Crowd) -> None:
    await scene.makes_noise()

    assert scene.runs() == 0
    assert scene.answers() == []


@pytest.mark.promise(25, not_on=ALONE)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
async def test_noise_around_an_answered_question_starts_no_second_run(scene: Crowd) -> None:
    await scene.says("hello")
    await scene.hears("Done.")

    await scene.makes_noise()

    assert scene.runs() == 1
    assert scene.answers() == ["Done."]


@pytest.mark.promise(26)
@pytest.mark.mistake(24)
async def test_a_second_message_during_a_run_waits_its_turn_and_is_heard(scene: Scene) -> None:
    first_may_end = asyncio.Event()
    scene.model_says(echoes)
    scene.model.hold(first_may_end, once=True)
    await scene.says("first")
    await scene.model.until_called(1)

    await scene.says("second")
    await scene.hears("I heard you")
    assert scene.store.load_run(scene.run_id(2)).status is RunStatus.QUEUED
    first_may_end.set()

    await scene.hears("You said: second")
    said = [text for text in scene.answers() if text.startswith("You said")]
    assert said == ["You said: first", "You said: second"]
    answered = [request for request in scene.model.requests if request.role is Role.THINKER]
    second_saw = [message.text for message in answered[-1].messages if message.part is Part.HISTORY]
    assert any("You said: first" in text for text in second_saw)


@pytest.mark.promise(26)
@pytest.mark.mistake(24)
async def test_messages_of_one_conversation_are_answered_in_the_order_they_were_said(scene: Scene) -> None:
    scene.model_says(for_each({}))
    await scene.says("zero")
    await scene.hears("(zero)")

    for word in ("one", "two", "three"):
        await scene.says(word)

    await scene.hears("(three)")
    said = [text for text in scene.answers() if text.startswith("Done.")]
    assert said == [f"Done. ({word})" for word in ("zero", "one", "two", "three")]
    seen = [[m.text for m in request.messages] for request in scene.model.requests if request_of(request) == "three"]
    assert any("(two)" in text for text in seen[0])


@pytest.mark.promise(29)
async def test_stop_ends_the_run_and_kills_its_processes(scene: Scene) -> None:
    scene.model_plans(directive(call("shell_exec_safe", command="touch started; sleep 600 & sleep 600")))
    await scene.says("run for long")
    await scene.clicks(await scene.card(), "Approve")
    await scene.until(lambda: (scene.files / "started").exists())

    await scene.says("stop")

    run = await scene.run(1, RunStatus.CANCELLED)
    observation = run.steps[0].calls[0].observation
    assert observation is not None
    assert observation.error == "stopped"
    assert len(scene.events_of("command_audit")) == 1
    await scene.hears("Stopped")


@pytest.mark.promise(29)
async def test_stopping_a_waiting_run_closes_its_card(scene: Scene) -> None:
    card = await asked(scene)

    await scene.says("stop")

    await scene.run(1, RunStatus.CANCELLED)
    await scene.closed(card, saying="Withdrawn")
    assert list(card.labels) == []
    await scene.clicks(card, "Approve")
    await scene.is_told(scene.approver, "settled before you: Withdrawn")
    assert scene.late_clicks() == []
    assert scene.store.load_run(scene.run_id(1)).status is RunStatus.CANCELLED
    assert scene.lines() == []
