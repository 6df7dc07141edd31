"""Promises 24 and 29 on Slack: what was missed is found by reading back, and Slack's own stop button stops."""

import asyncio

import pytest

from runtime.models.port import ModelRequest, Role
from runtime.records import ConversationRef, IncomingMessage, UserRef
from runtime.states import RunStatus
from tests.fakes.scripted import directive, plans
from tests.stories.plots import request_of
from tests.stories.world import World


def echoes(request: ModelRequest) -> str:
    return directive() if request.role is Role.ACTION else f"You said: {request_of(request)}"


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
