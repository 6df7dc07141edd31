"""What a lost connection leaves unheard is read once it stands again, and costs few calls."""

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Text
from runtime.ports import Seen
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_was_said_before_a_start_found_its_connection_is_read_once_it_has(
    slack: Slack, door: RecordingDoor
) -> None:
    slack.events.when_away = "lose"
    slack.socket.refuse_handshakes(3)

    async with started(slack, door, connect_patience=0.05):
        assert door.catching_up == 1
        await slack.person("UALICE").dms("nobody hears me")
        await door.until(lambda: not door.catching_up, timeout=10.0)

    assert [message.text for message in door.missed] == ["nobody hears me"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_connection_that_slack_refreshes_leaves_a_gap_as_well(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, reason: str
) -> None:
    """The old socket is closed before the new one opens, and that may take its time."""
    await slack.connected()
    slack.events.when_away = "lose"
    slack.socket.refuse_handshakes(2)
    await slack.socket.disconnect(reason)  # type: ignore[arg-type]
    await slack.until(lambda: not slack.socket.connected)
    await slack.person("UALICE").dms("nobody hears me")

    await door.until(lambda: door.missed and not door.catching_up, timeout=10.0)

    assert [message.text for message in door.missed] == ["nobody hears me"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_a_gap_costs_a_look_at_each_channel_and_at_threads_that_have_news(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    asked = [await alice.mentions(pond, f"question {number}") for number in range(4)]
    asked += [await alice.dms(f"question {number}") for number in range(4)]
    await door.heard(8)
    for number, message in enumerate(door.received):
        await platform.post(message.where, Text(markdown="an answer"), key=str(number))
    door.seen = tuple(
        Seen(where=each.where, direct=each.direct, last_id=each.id, last_at=each.sent_at) for each in door.received
    )
    slack.clock.advance(3600)
    await alice.says(pond, "among ourselves")
    await slack.events.settled()
    slack.events.when_away = "lose"
    slack.socket.refuse_handshakes(1)
    slack.socket.drop()
    await slack.until(lambda: not slack.socket.connected)
    await alice.says(pond, "in a thread", thread=asked[1])
    await alice.dms("in a thread, directly", thread=asked[6])

    await door.until(lambda: door.missed and not door.catching_up, timeout=10.0)

    assert {message.text for message in door.missed} == {"in a thread", "in a thread, directly"}
    assert [call["ts"] for call in slack.record.calls_of("conversations.replies")] == [asked[1].ts, asked[6].ts]
    assert len(slack.record.calls_of("conversations.history")) == 4


async def test_a_start_that_is_connected_at_once_reads_nothing_twice(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    await slack.connected()
    await slack.person("UALICE").dms("are you there?")
    await door.heard()

    assert not door.catching_up
    assert not slack.record.calls_of("users.conversations")
