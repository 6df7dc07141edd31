"""The signs of work around an answer: the status line, the session, and Slack's own Stop button."""

import pytest

from bots.slack import SlackPlatform, SlackSettings
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.on_slack.threads import Thread
from tests.platforms.recording import RecordingDoor


@pytest.mark.mistake(29)
async def test_work_shows_as_a_status_line_and_a_session_and_both_end(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = platform.open_stream(thread.request())

    await stream.status("is reading pond.txt…")
    await slack.until(lambda: slack.status_line(thread.channel, thread.asked) == "is reading pond.txt…")
    session = slack.session(thread.channel, thread.asked)
    assert session is not None
    assert (session.status, session.title) == ("processing", "Run 3")

    await stream.close(suspended=False)
    assert slack.status_line(thread.channel, thread.asked) == ""
    assert session.status == "active"


async def test_a_run_that_waits_for_a_person_is_suspended(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = platform.open_stream(thread.request())
    await stream.status("is asking")
    await slack.until(lambda: slack.status_line(thread.channel, thread.asked))

    await stream.close(suspended=True)

    session = slack.session(thread.channel, thread.asked)
    assert session is not None
    assert session.status == "suspended"


@pytest.mark.mistake(29)
async def test_a_status_line_is_renewed_before_slack_forgets_it(
    slack: Slack, door: RecordingDoor, thread: Thread
) -> None:
    async with started(slack, door, status_renewal=0.05) as platform:
        stream = platform.open_stream(thread.request())
        await stream.status("is digging")
        await slack.called("assistant.threads.setStatus")
        slack.clock.advance(119)
        await slack.called("assistant.threads.setStatus", times=3, status="is digging")
        slack.clock.advance(119)
        await slack.called("assistant.threads.setStatus", times=5, status="is digging")
        assert slack.status_line(thread.channel, thread.asked) == "is digging"
        await stream.close(suspended=False)
    assert slack.status_line(thread.channel, thread.asked) == ""


@pytest.mark.mistake(29)
async def test_the_default_renewal_lies_below_two_minutes() -> None:
    assert SlackSettings(bot_token="xoxb-1").status_renewal < 110


async def test_signs_of_work_that_slack_refuses_disturb_nothing_and_are_not_tried_again(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    slack.fail("agents.sessions.setStatus", "missing_scope", times=None)
    slack.fail("assistant.threads.setStatus", "missing_scope", times=None)

    for _ in range(3):
        stream = platform.open_stream(thread.request())
        await stream.status("is digging")
        await slack.called("assistant.threads.setStatus")
        await stream.close(suspended=False)

    assert len(slack.record.calls_of("assistant.threads.setStatus")) == 1
    assert len(slack.record.calls_of("agents.sessions.setStatus")) == 1


async def test_words_that_change_quickly_are_shown_as_the_newest(
    slack: Slack, door: RecordingDoor, thread: Thread
) -> None:
    async with started(slack, door, flush_interval=0.1) as platform:
        stream = platform.open_stream(thread.request())
        for number in range(100):
            await stream.status(f"is at {number}")
        await slack.until(lambda: slack.status_line(thread.channel, thread.asked) == "is at 99")
        await stream.close(suspended=False)

    assert len(slack.record.calls_of("assistant.threads.setStatus")) <= 3


@pytest.mark.promise(29)
@pytest.mark.mistake(22)
async def test_slacks_stop_button_stops_the_run_and_the_session(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, thread: Thread
) -> None:
    alice = slack.person("UALICE")
    stream = await thread.begun(platform)
    await stream.status("is writing")
    await slack.until(lambda: slack.session(thread.channel, thread.asked))

    await alice.stops(thread.channel, thread.asked)
    await door.until(lambda: door.stops)
    where, by = door.stops[0]
    await slack.until(lambda: alice.ephemerals)
    await stream.append("too late")
    await stream.close(suspended=False)

    assert where == thread.where
    assert by.id == "UALICE"
    session = slack.session(thread.channel, thread.asked)
    assert session is not None
    assert session.status == "active"
    assert not thread.answers[0].is_streaming
    assert thread.answers[0].metadata is not None
    assert "too late" not in thread.answers[0].text
    assert alice.ephemerals[0].text == "Run 1 was stopped."
