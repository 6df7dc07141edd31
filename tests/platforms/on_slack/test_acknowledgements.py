"""An event is acknowledged once it is committed, or once it is known to be none of ours, and never lost."""

import asyncio
import logging
from typing import Any

import pytest
from msgspec.structs import replace

from bots.slack import SlackPlatform
from runtime.errors import DatabaseUnusable
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
async def test_an_event_is_acknowledged_only_when_the_door_has_committed_it(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    door.gate.clear()

    await alice.dms("hello")
    await slack.until(lambda: slack.events.sent)
    await asyncio.sleep(0)
    assert not slack.events.receipts

    door.gate.set()
    await door.heard()
    await slack.events.settled()
    assert [receipt.acked for receipt in slack.events.receipts] == [True]


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
async def test_a_door_that_cannot_commit_lets_slack_send_the_event_again(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    slack.socket.ack_deadline = 0.2
    door.trouble.append(DatabaseUnusable("the disk is full"))
    alice = slack.person("UALICE")

    await alice.dms("hello")

    assert (await door.heard()).text == "hello"
    await slack.events.settled()
    assert [receipt.acked for receipt in slack.events.receipts] == [False, True]


@pytest.mark.mistake(4)
async def test_every_unknown_event_is_acknowledged(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await slack.events.tell([{"type": "channel_rename", "channel": {"id": "C1"}}, {"type": "future_thing", "x": 1}])
    await slack.events.settled()

    assert [receipt.acked for receipt in slack.events.receipts] == [True, True]
    assert not door.received
    told = [record for record in caplog.records if "future_thing" in record.getMessage() and "bots" in record.name]
    assert [record.levelno for record in told] == [logging.DEBUG]


async def test_an_event_of_another_workspace_is_acknowledged_and_left_alone(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    said = await alice.dms("for us")
    await door.heard()
    slack.events.hold()
    await alice.dms("for others")
    held = slack.events.held[0]
    foreign = {**held.payload, "team_id": "T9", "authorizations": [{"team_id": "T9"}]}
    slack.events.held[0] = replace(held, payload=foreign)

    await slack.events.release()
    await slack.events.settled()

    assert [message.id for message in door.received] == [said.ts]
    assert all(receipt.acked for receipt in slack.events.receipts)


@pytest.mark.mistake(5)
@pytest.mark.parametrize("trouble", [{"status": 503}, {"error": "token_revoked"}])
async def test_an_auth_hiccup_during_operation_loses_no_event(
    slack: Slack, door: RecordingDoor, trouble: dict[str, Any]
) -> None:
    async with started(slack, door):
        slack.fail("auth.test", times=None, **trouble)
        await slack.person("UALICE").dms("hello")

        assert (await door.heard()).text == "hello"
        assert len(slack.record.calls_of("auth.test")) == 1
