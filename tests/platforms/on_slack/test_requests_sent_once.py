"""Slash commands and shortcuts that are requests: Slack sends each once, so it is on record before Slack hears that it came."""

import asyncio

import pytest

from bots.slack import SlackPlatform
from runtime.errors import DatabaseUnusable
from tests.fakes.slack import Slack
from tests.platforms.recording import RecordingDoor


async def test_anything_else_after_the_slash_command_becomes_a_request_to_be_answered_in_the_dm(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])

    for _ in range(2):
        await alice.slash("/mallard", "how large is <http://pond.example|the pond>?", where=pond)

    first, second = door.requests
    assert first.text == "how large is the pond (http://pond.example)?"
    assert (first.by.id, first.by_name) == ("UALICE", alice.user.name)
    assert first.key != second.key
    await slack.ephemeral(alice, contains="in our direct messages")


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
@pytest.mark.parametrize("way", ["slash command", "shortcut"])
async def test_a_request_that_slack_sends_once_is_acknowledged_only_when_it_is_committed(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, way: str
) -> None:
    alice = slack.person("UALICE")
    said = await alice.dms("how large is the pond?")
    await door.heard()
    await slack.events.settled()
    before = len(slack.socket.acks)
    door.gate.clear()

    asking = alice.shortcut("ask_mallard", said) if way == "shortcut" else alice.slash("/mallard", said.text)
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(asking)
        await door.until(lambda: door.asked == 2)
        await alice.opens_dm()
        await slack.events.settled()  # what came later is acknowledged, so whatever was sent before has arrived
        assert len(slack.socket.acks) == before + 1
        door.gate.set()

    assert asked.result().acked
    assert len(door.received) + len(door.requests) == 2


@pytest.mark.mistake(2)
@pytest.mark.mistake(3)
@pytest.mark.parametrize("trouble", [DatabaseUnusable("the disk is full"), ValueError("a fault of ours")])
async def test_the_acknowledgement_of_a_request_that_could_not_be_committed_says_so(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, trouble: Exception
) -> None:
    alice = slack.person("UALICE")
    door.trouble.append(trouble)

    receipt = await alice.slash("/mallard", "how large is the pond?")

    assert receipt.acked
    assert [message.text for message in alice.ephemerals] == ["That did not work. Please try again."]
    assert not door.requests


@pytest.mark.mistake(2)
async def test_a_shortcut_that_cannot_be_committed_is_not_acknowledged_so_that_slack_says_that_it_failed(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    slack.socket.ack_deadline = 0.2
    alice = slack.person("UALICE")
    said = await alice.dms("hello")
    await door.heard()
    door.trouble.append(DatabaseUnusable("the disk is full"))

    assert not (await alice.shortcut("ask_mallard", said)).acked

    assert len(door.received) == 1


@pytest.mark.promise(23)
async def test_the_shortcut_hands_a_message_over_in_its_own_thread(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice, bob = slack.person("UALICE"), slack.person("UBOB")
    pond = slack.channel("pond", members=[alice, bob])
    said = await bob.says(pond, "the pond &amp; the weir leak")

    receipt = await alice.shortcut("ask_mallard", said)
    heard = await door.heard()

    assert receipt.acked
    assert heard.author.id == "UALICE"
    assert heard.text.startswith("the pond &")
    assert heard.where.thread == said.ts
    assert heard.id != said.ts
