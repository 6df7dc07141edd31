"""Answers that people see being written."""

import asyncio

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Text
from runtime.records import MessageRef
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import LoopbackClock, started
from tests.platforms.on_slack.threads import Thread
from tests.platforms.recording import RecordingDoor


async def test_an_answer_grows_in_one_message_and_says_in_the_end_what_was_committed(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = await thread.begun(platform)
    assert thread.answers[0].is_streaming

    await stream.append("is large")
    await slack.until(lambda: "is large" in thread.answers[0].text)
    finished = await stream.finish_answer("It is large.")
    await stream.close(suspended=False)

    assert finished
    assert [message.text for message in thread.answers] == ["It is large."]
    assert not thread.answers[0].is_streaming
    assert thread.posted == [stream.message]
    assert slack.record.calls_of("chat.startStream")[0]["recipient_user_id"] == "UALICE"
    assert thread.answers[0].metadata == {"event_type": "mallard_message", "event_payload": {"key": "answer-3"}}


async def test_in_a_dm_nobody_has_to_be_named(slack: Slack, platform: SlackPlatform, dm: Thread) -> None:
    stream = await dm.begun(platform)

    assert await stream.finish_answer("It is.")
    assert "recipient_user_id" not in slack.record.calls_of("chat.startStream")[0].arguments


async def test_an_answer_that_came_out_otherwise_replaces_what_was_shown(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = await thread.begun(platform, "Perhaps ")

    assert await stream.finish_answer("Certainly.")

    assert [message.text for message in thread.answers] == ["Certainly."]


@pytest.mark.mistake(22)
async def test_a_stream_that_slack_closed_still_says_everything_once(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = await thread.begun(platform)
    slack.break_stream(thread.answers[0])

    await stream.append("is large ")
    await slack.called("chat.appendStream")
    await stream.append("indeed")
    assert await stream.finish_answer("It is large indeed.")
    await stream.close(suspended=False)

    assert [message.text for message in thread.answers] == ["It is large indeed."]
    assert not thread.answers[0].is_streaming


@pytest.mark.mistake(22)
async def test_a_stream_that_died_during_a_long_tool_is_finished_by_an_edit(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = await thread.begun(platform)
    slack.clock.advance(600)

    assert await stream.finish_answer("It is large.")

    assert [message.text for message in thread.answers] == ["It is large."]


@pytest.mark.mistake(8)
@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_a_dropped_connection_in_mid_answer_repeats_nothing(
    slack: Slack, platform: SlackPlatform, thread: Thread, method: str
) -> None:
    stream = await thread.begun(platform)
    slack.drop(method)

    await stream.append("is ")
    await slack.called("chat.appendStream")
    await stream.append("large.")
    assert await stream.finish_answer("It is large.")

    assert [message.text for message in thread.answers] == ["It is large."]
    assert not thread.answers[0].is_streaming


async def test_nothing_shown_is_nothing_finished(slack: Slack, platform: SlackPlatform, thread: Thread) -> None:
    stream = platform.open_stream(thread.request())

    assert not await stream.finish_answer("It is large.")
    await stream.close(suspended=False)

    assert not thread.answers


async def test_an_answer_that_could_not_be_replaced_is_left_to_the_courier(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = await thread.begun(platform, "Perhaps ")
    slack.fail("chat.update", "service_unavailable")

    assert not await stream.finish_answer("Certainly.")
    assert stream.message is not None
    await platform.edit(stream.message, Text(markdown="Certainly."))

    assert [message.text for message in thread.answers] == ["Certainly."]
    found = await platform.find_posted(thread.where, "answer-3", LoopbackClock(slack).now())
    assert found == stream.message


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
async def test_a_mention_that_arrives_in_two_halves_pings_nobody(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    stream = await thread.begun(platform, "hello ")

    for piece in ("<", "!chan", "nel> and @", "here and <@UAL", "ICE> and !", "[x](http://evil.example/?k)", " bye. "):
        await stream.append(piece)
        await asyncio.sleep(0.02)
    await slack.until(lambda: "bye" in thread.answers[0].text)

    assert thread.answers[0].pings == ()
    shown = thread.answers[0].text
    assert "<!channel>" not in shown
    assert "@here" not in shown
    assert "![x]" not in shown
    whole = "hello <!channel> and @here and <@UALICE> and ![x](http://evil.example/?k) bye. "
    assert await stream.finish_answer(whole)
    assert shown in thread.answers[0].text
    assert thread.answers[0].pings == ()


@pytest.mark.promise(31)
async def test_a_stream_that_a_crash_left_behind_is_found_and_taken_over(
    slack: Slack, door: RecordingDoor, thread: Thread
) -> None:
    since = LoopbackClock(slack).now()
    async with started(slack, door) as platform:
        await thread.begun(platform, "It is la")
        orphan = thread.answers[0]
        assert orphan.metadata is None
        # the process dies here: nothing is finished, and nobody knows the message
    async with started(slack, door) as platform:
        assert await platform.find_posted(thread.where, "a card", since) is None
        found = await platform.find_posted(thread.where, "answer-3", since, streamed=True)
        assert found is not None
        assert found.id == orphan.ts
        await platform.edit(found, Text(markdown="It is large."))

        assert [message.text for message in thread.answers] == ["It is large."]
        assert await platform.find_posted(thread.where, "answer-3", since, streamed=True) == found
        assert await platform.find_posted(thread.where, "another", since, streamed=True) is None
    async with started(slack, door) as platform:
        assert await platform.find_posted(thread.where, "answer-3", since, streamed=True) == found


@pytest.mark.promise(31)
async def test_a_stream_that_is_on_record_is_no_orphan_once_a_later_process_has_made_it_exact(
    slack: Slack, door: RecordingDoor, thread: Thread
) -> None:
    since = LoopbackClock(slack).now()
    async with started(slack, door) as platform:
        stream = await thread.begun(platform, "It is la")
        known = stream.message
        assert known is not None
        # the process dies here: the record knows the message, and Slack does not know whose it is
    async with started(slack, door) as platform:
        await platform.edit(known, Text(markdown="It is large."), key="answer-3")

        assert await platform.find_posted(thread.where, "the next answer", since, streamed=True) is None
        assert [message.text for message in thread.answers] == ["It is large."]


async def test_a_stream_that_is_still_written_is_nobodys_orphan(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    since = LoopbackClock(slack).now()
    stream = await thread.begun(platform)

    assert await platform.find_posted(thread.where, "another", since, streamed=True) is None
    assert await platform.find_posted(thread.where, "answer-3", since, streamed=True) == stream.message
    assert await stream.finish_answer("It is large.")


async def test_what_the_caller_raises_when_it_hears_of_the_message_comes_back_to_the_caller(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    class Lost(Exception):
        pass

    async def lose(message: MessageRef) -> None:
        raise Lost

    stream = platform.open_stream(thread.request())
    await stream.begin_answer("answer-3", lose)
    await stream.append("It is")
    await slack.until(lambda: thread.answers)

    with pytest.raises(Lost):
        await stream.finish_answer("It is large.")
    await stream.close(suspended=False)
