"""Connecting, staying connected, saying so when it is not, and leaving."""

import asyncio
import logging
from functools import partial
from itertools import islice, pairwise

import pytest

from bots.slack import SlackPlatform, SlackSettings
from bots.slack.dialling import waits
from bots.slack.redaction import LIBRARY
from runtime.contents import Text
from runtime.errors import PlatformUnavailable
from runtime.records import ConversationRef, UserRef
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import LoopbackClock, quick, started
from tests.platforms.recording import RecordingDoor


@pytest.mark.mistake(6)
async def test_a_stale_ticket_is_replaced_by_a_new_one(slack: Slack, door: RecordingDoor) -> None:
    """However seldom the library looks at its connection: at its pace, five refusals took most of a minute."""
    slack.socket.refuse_handshakes(5)

    async with started(slack, door, connect_patience=0.0, ping_interval=600.0, watchdog_interval=600.0) as platform:
        assert not platform.health().ok
        await slack.connected()
        await slack.person("UALICE").dms("are you there?")
        assert (await door.heard()).text == "are you there?"
        await _healthy(platform)

    assert len(set(slack.socket.refused)) == 5


@pytest.mark.mistake(6)
def test_five_refused_handshakes_are_over_well_within_half_a_minute_and_the_pace_stays_polite() -> None:
    """Slack lets an app ask for a ticket about once a minute, and more often for a while. The library looks at its connection
    once between two pings."""
    settings = SlackSettings(bot_token="xoxb-1", app_token="xapp-1")
    longest, shortest = ([*islice(waits(settings, partial(float, chance)), 60)] for chance in (0, 1))

    assert sum(longest[:5]) <= 16
    assert settings.ping_interval + sum(longest[:5]) <= 26
    assert shortest[0] >= 0.25
    assert all(soon < late for soon, late in zip(shortest, longest, strict=True))
    assert all(sooner <= later <= 2 * sooner for sooner, later in pairwise(longest))
    assert 20 <= shortest[-1] < longest[-1] <= 30


@pytest.mark.mistake(6)
async def test_a_ticket_that_slack_does_not_give_is_asked_for_again(slack: Slack, door: RecordingDoor) -> None:
    async with started(slack, door, ping_interval=600.0, watchdog_interval=600.0, connect_patience=0.0) as platform:
        slack.socket.refuse_handshakes(2)
        slack.fail("apps.connections.open", status=503, times=3)
        await slack.connected()
        await _healthy(platform)

    assert len(set(slack.socket.refused)) == 2


@pytest.mark.mistake(6)
async def test_a_handshake_that_is_never_answered_is_given_up_like_any_request(
    slack: Slack, door: RecordingDoor
) -> None:
    """Of itself the library waits five minutes, in which nothing arrives."""
    slack.socket.leave_handshakes_unanswered(1)

    async with started(slack, door, connect_patience=0.0, request_timeout=0.5, ping_interval=600.0) as platform:
        await slack.connected()
        await slack.person("UALICE").dms("are you there?")
        assert (await door.heard()).text == "are you there?"
        await _healthy(platform)


@pytest.mark.promise(33)
async def test_stopping_ends_the_attempts_to_connect(slack: Slack, door: RecordingDoor) -> None:
    slack.socket.refuse_handshakes(1_000)
    async with started(slack, door, connect_patience=0.0, first_redial=600.0):
        await slack.until(lambda: slack.socket.refused)

    assert len(slack.socket.refused) == 1


async def test_a_lost_connection_is_made_again_and_the_event_under_way_is_not_lost(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    await slack.connected()
    slack.socket.drop()
    await slack.person("UALICE").dms("still there?")

    assert (await door.heard()).text == "still there?"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_connection_that_slack_refreshes_goes_on(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, reason: str
) -> None:
    await slack.connected()
    await slack.socket.disconnect(reason)  # type: ignore[arg-type]
    await slack.until(lambda: slack.socket.opened >= 2)
    await slack.person("UALICE").dms("still there?")

    assert (await door.heard()).text == "still there?"


@pytest.mark.mistake(32)
async def test_a_link_that_is_switched_off_shows_in_the_health_and_recovers(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    await slack.connected()
    await slack.socket.disconnect("link_disabled")
    await _unhealthy(platform)
    assert "link_disabled" in platform.health().words or "switched off" in platform.health().words

    slack.socket.link_enabled = True
    await slack.connected()
    await _healthy(platform)
    await slack.person("UALICE").dms("still there?")
    assert (await door.heard()).text == "still there?"


@pytest.mark.mistake(32)
@pytest.mark.parametrize(
    "event",
    [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}},
    ],
)
async def test_an_app_that_was_removed_stops_its_work_and_says_so(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, event: dict[str, object]
) -> None:
    await slack.events.tell([event])
    await slack.events.settled()

    assert not platform.health().ok
    assert any(word in platform.health().words for word in ("removed", "revoked"))
    calls = len(slack.record.calls)
    with pytest.raises(PlatformUnavailable):
        await platform.direct_message(UserRef(platform="slack", space="T1", id="UALICE"))
    assert len(slack.record.calls) == calls


@pytest.mark.mistake(32)
async def test_somebody_elses_revoked_token_changes_nothing(slack: Slack, platform: SlackPlatform) -> None:
    await slack.events.tell([{"type": "tokens_revoked", "tokens": {"oauth": ["UALICE"], "bot": []}}])
    await slack.events.settled()

    assert platform.health().ok


@pytest.mark.promise(33)
async def test_stopping_lets_what_is_being_committed_finish_and_leaves_nothing_running(
    slack: Slack, door: RecordingDoor
) -> None:
    async with started(slack, door):
        door.gate.clear()
        await slack.person("UALICE").dms("hello")
        await door.until(lambda: door.asked)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_open_soon(door))
            await door.heard()
        await slack.events.settled()
        assert slack.events.receipts[-1].acked
    await asyncio.sleep(0)

    ours = [task for task in asyncio.all_tasks() if "slack:" in task.get_name() or "SocketModeClient" in repr(task)]
    assert ours == []


@pytest.mark.promise(24)
async def test_what_arrives_while_it_stops_is_left_for_the_next_start(slack: Slack, door: RecordingDoor) -> None:
    slack.socket.ack_deadline = 0.3
    alice = slack.person("UALICE")
    async with started(slack, door) as platform:
        door.gate.clear()
        await alice.dms("first")
        await door.until(lambda: door.asked)
        stopping = asyncio.create_task(platform.stop())
        await asyncio.sleep(0)  # its first step is to take nothing more
        await alice.dms("second")
        await asyncio.sleep(0.05)
        door.gate.set()
        await stopping
    assert [message.text for message in door.received] == ["first"]

    async with started(slack, door):
        await door.heard(2)

    assert "second" in [message.text for message in door.received]


async def test_before_the_start_nothing_can_be_posted(slack: Slack) -> None:
    platform = SlackPlatform(quick(slack), LoopbackClock(slack))

    assert not platform.health().ok
    with pytest.raises(PlatformUnavailable):
        await platform.direct_message(UserRef(platform="slack", space="T1", id="UALICE"))


@pytest.mark.mistake(33)
async def test_no_token_is_ever_logged(slack: Slack, door: RecordingDoor, caplog: pytest.LogCaptureFixture) -> None:

    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger=LIBRARY)
    slack.socket.refuse_handshakes(1)
    slack.fail("chat.postMessage", "token_revoked")

    async with started(slack, door, connect_patience=0.05) as platform:
        await slack.connected()
        await slack.person("UALICE").dms("hello")
        await door.heard()
        where = ConversationRef(platform="slack", space="T1", channel=slack.person("UALICE").dm.id)
        with pytest.raises(PlatformUnavailable):
            await platform.post(where, Text(markdown="hello"), key="1")

    everything = caplog.text + repr(quick(slack))
    assert "api/chat.postMessage" in everything
    assert slack.bot_token not in everything
    assert slack.app_token not in everything
    assert not any(ticket in everything for ticket in slack.socket.tickets)


async def _open_soon(door: RecordingDoor) -> None:
    await asyncio.sleep(0)
    door.gate.set()


async def _healthy(platform: SlackPlatform, *, wanted: bool = True) -> None:
    """The health has no event to wait for: it is what a probe asks again and again."""
    async with asyncio.timeout(5):
        while platform.health().ok is not wanted:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.02)


async def _unhealthy(platform: SlackPlatform) -> None:
    await _healthy(platform, wanted=False)
