"""Promises 23 to 26: what becomes of a message, however often and whenever it arrives."""

import asyncio

import pytest

from runtime.models.port import ModelRequest, Part, Role
from runtime.records import ConversationRef, IncomingMessage, UserRef
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.stories.world import World


def request_of(request: ModelRequest) -> str:
    return next(message.text for message in request.messages if message.part is Part.REQUEST)


def echoes(request: ModelRequest) -> str:
    return directive() if request.role is Role.ACTION else f"You said: {request_of(request)}"


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_a_message_that_is_delivered_three_times_is_one_run(world: World) -> None:
    world.slack.events.copies = 3

    said = await world.alice.mentions(world.pond, "hello")

    await world.slack.message(world.pond, thread=said, contains="Done.")
    await world.slack.events.settled()
    assert world.runs() == 1
    assert len(world.slack.answers(world.pond, said)) == 1


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_a_message_delivered_again_after_a_restart_is_not_answered_again(world: World) -> None:
    said = await world.alice.mentions(world.pond, "hello")
    await world.slack.message(world.pond, thread=said, contains="Done.")
    seen = [envelope.payload["event_id"] for envelope in world.slack.events.sent if "event_id" in envelope.payload]

    await world.restart()
    for event_id in seen:
        await world.slack.events.redeliver(event_id)
    await world.slack.events.settled()

    assert world.runs() == 1
    assert len(world.slack.answers(world.pond, said)) == 1


@pytest.mark.promise(23)
async def test_messages_that_arrive_backwards_are_each_one_run(world: World) -> None:
    world.model_says(echoes)
    world.slack.events.hold()
    first = await world.alice.mentions(world.pond, "one")
    second = await world.alice.mentions(world.pond, "two")

    await world.slack.events.release(backwards=True)

    await world.slack.message(world.pond, thread=first, contains="You said: one")
    await world.slack.message(world.pond, thread=second, contains="You said: two")
    await world.slack.events.settled()
    assert world.runs() == 2


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_was_said_while_the_bot_was_down_is_answered_after_it_starts(world: World) -> None:
    world.model_says(echoes)
    known = await world.alice.mentions(world.pond, "are you there?")
    await world.slack.message(world.pond, thread=known, contains="You said: are you there?")
    await world.close()
    mention = await world.alice.mentions(world.pond, "while you slept")
    reply = await world.alice.says(world.pond, "and in the thread", thread=known)
    dm = await world.alice.dms("and in private")
    world.slack.events.lose()

    await world.open()

    await world.slack.message(world.pond, thread=mention, contains="You said: while you slept")
    await world.slack.message(world.pond, thread=known, contains="You said: and in the thread")
    await world.slack.message(world.alice.dm, thread=dm, contains="You said: and in private")
    assert world.runs() == 4
    assert reply.ts


@pytest.mark.promise(25)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
async def test_noise_starts_no_run(world: World) -> None:
    robot = world.slack.other_bot("UROBOT")
    world.pond.members.add(robot.id)
    said = await world.alice.says(world.pond, "just talking to people")
    await world.alice.edits(said, "just talking, edited")
    await world.alice.deletes(said)
    await world.carol.joins(world.pond)
    await robot.mentions(world.pond, "beep")
    await world.alice.says(world.pond, "a thread without it", thread=await world.bob.says(world.pond, "root"))

    await world.slack.events.settled()

    assert world.runs() == 0
    assert world.slack.answers(world.pond) == []


@pytest.mark.promise(25)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
async def test_its_own_answer_and_an_edited_question_start_no_second_run(world: World) -> None:
    asked = await world.alice.mentions(world.pond, "hello")
    await world.slack.message(world.pond, thread=asked, contains="Done.")

    await world.alice.edits(asked, f"<@U0BOT> {asked.text} there")

    await world.slack.events.settled()
    assert world.runs() == 1


@pytest.mark.promise(26)
@pytest.mark.mistake(24)
async def test_a_second_message_during_a_run_waits_its_turn_and_is_heard(world: World) -> None:
    first_may_end = asyncio.Event()
    world.model_says(echoes)
    world.model.hold(first_may_end, once=True)
    first = await world.alice.mentions(world.pond, "first")
    await world.model.until_called(1)

    await world.alice.says(world.pond, "second", thread=first)
    await world.slack.message(world.pond, thread=first, contains="I heard you")
    assert world.store.load_run(world.run_id(2)).status is RunStatus.QUEUED
    first_may_end.set()

    await world.slack.message(world.pond, thread=first, contains="You said: second")
    said = [message.text for message in world.slack.answers(world.pond, first)]
    assert [text for text in said if text.startswith("You said")] == ["You said: first", "You said: second"]
    second_saw = [message.text for message in world.model.requests[-1].messages if message.part is Part.HISTORY]
    assert any("You said: first" in text for text in second_saw)


@pytest.mark.promise(29)
async def test_stop_ends_the_run_kills_its_processes_and_closes_its_cards(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command="touch started; sleep 600 & sleep 600")))
    asked = await world.alice.mentions(world.pond, "run for long")
    await world.bob.clicks(await world.card(), "Approve")
    await world.until(lambda: (world.files / "started").exists())

    await world.alice.mentions(world.pond, "stop", thread=asked)

    run = await world.run(1, RunStatus.CANCELLED)
    observation = run.steps[0].calls[0].observation
    assert observation is not None
    assert observation.error == "stopped"
    audit = world.events_of("command_audit")
    assert len(audit) == 1
    await world.slack.message(world.pond, thread=asked, contains="Stopped")


@pytest.mark.promise(29)
async def test_stopping_a_waiting_run_closes_its_card(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command="true")))
    asked = await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    old = card.snapshot()
    await world.run(1, RunStatus.WAITING)

    await world.alice.says(world.pond, "stop", thread=asked)

    await world.run(1, RunStatus.CANCELLED)
    await world.slack.until(lambda: "Withdrawn" in card.text and not card.buttons)
    late = await world.bob.clicks(old, "Approve")
    assert late.acked
    assert world.store.load_run(world.run_id(1)).status is RunStatus.CANCELLED


@pytest.mark.promise(29)
@pytest.mark.mistake(22)
async def test_the_native_stop_button_ends_the_run(world: World) -> None:
    world.model_says(plans())
    world.model.hold(asyncio.Event())
    asked = await world.alice.dms("think for long")

    def status() -> str:
        session = world.slack.session(world.alice.dm, asked)
        return session.status if session else ""

    await world.slack.until(lambda: status() == "processing")

    await world.alice.stops(world.alice.dm, asked)

    await world.run(1, RunStatus.CANCELLED)
    await world.slack.until(lambda: status() == "active")


@pytest.mark.promise(24)
async def test_what_was_missed_is_found_again_when_catching_up_was_interrupted(world: World) -> None:
    world.model_says(echoes)
    known = await world.alice.mentions(world.pond, "are you there?")
    await world.slack.message(world.pond, thread=known, contains="You said: are you there?")
    await world.close()
    missed = await world.alice.mentions(world.pond, "while you slept")
    world.slack.events.lose()
    gate = world.slack.hold("conversations.history")
    await world.open()
    live = await world.alice.mentions(world.pond, "while you catch up")
    await world.slack.message(world.pond, thread=live, contains="You said: while you catch up")
    await gate.arrived()

    await world.close()
    gate.lift()
    await world.open()

    await world.slack.message(world.pond, thread=missed, contains="You said: while you slept")


async def test_half_a_character_is_answered_like_any_other_message(world: World) -> None:
    root = await world.alice.says(world.pond, "people talk")
    where = ConversationRef(platform="slack", space="T1", channel=world.pond.id, thread=root.ts)
    author = UserRef(platform="slack", space="T1", id="UALICE")
    broken = IncomingMessage(id=root.ts, where=where, author=author, text="half \ud83d", sent_at=world.clock.now())

    await world.house.door.receive(broken)

    assert (await world.run(1, RunStatus.COMPLETED)).request == "half \ufffd"
