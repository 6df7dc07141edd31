"""How much of Slack an answer takes up while it is written: streams, calls, and whose turn it is."""

import pytest

from bots.slack import SlackPlatform
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.on_slack.threads import Thread
from tests.platforms.recording import RecordingDoor


async def test_beyond_the_streams_that_slack_allows_one_message_is_edited(
    slack: Slack, door: RecordingDoor, thread: Thread
) -> None:
    async with started(slack, door, stream_starts=0) as platform:
        stream = await thread.begun(platform)
        await stream.append("is large")
        await slack.until(lambda: "is large" in thread.answers[0].text)
        assert await stream.finish_answer("It is large.")

    assert [message.text for message in thread.answers] == ["It is large."]
    assert not slack.record.calls_of("chat.startStream")


@pytest.mark.mistake(21)
async def test_many_answers_at_once_stay_below_slacks_limit_of_streams(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    alice = slack.person("UALICE")
    threads = [Thread(slack, thread.channel, await alice.says(thread.channel, str(n))) for n in range(30)]

    streams = [await each.begun(platform, f"It is {n}. ") for n, each in enumerate(threads)]
    for n, stream in enumerate(streams):
        assert await stream.finish_answer(f"It is {n}. Done.")

    assert [[message.text for message in each.answers] for each in threads] == [
        [f"It is {n}. Done."] for n in range(30)
    ]
    assert len(slack.record.calls_of("chat.startStream")) <= 20
    assert len(slack.record.calls_of("chat.stopStream")) <= 20


async def test_a_refused_stream_becomes_an_edited_message(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    slack.rate_limit("chat.startStream", retry_after=30)
    slack.fail("chat.startStream", "team_not_allowed", times=None)

    stream = platform.open_stream(thread.request())
    await stream.begin_answer("answer-3", thread.on_posted)
    await stream.append("It is")
    await slack.called("chat.startStream")
    await stream.append(" large")
    await slack.until(lambda: thread.answers)

    assert await stream.finish_answer("It is large.")
    assert [message.text for message in thread.answers] == ["It is large."]


@pytest.mark.mistake(21)
async def test_twenty_thousand_tokens_make_few_calls(slack: Slack, door: RecordingDoor, thread: Thread) -> None:
    async with started(slack, door, flush_interval=0.2) as platform:
        stream = await thread.begun(platform)
        whole = "It "
        for number in range(20_000):
            whole += f"{number % 10} "
            await stream.append(f"{number % 10} ")
        assert len(slack.record.calls_of("chat.appendStream")) <= 2
        await stream.finish_answer(whole[:6_000])

    assert [message.text for message in thread.answers] == [whole[:6_000]]


@pytest.mark.mistake(21)
async def test_a_rate_limit_on_one_answer_coalesces_and_holds_up_no_other(
    slack: Slack, platform: SlackPlatform, thread: Thread, dm: Thread
) -> None:
    slack.rate_limit("chat.appendStream", retry_after=30, when=lambda call: call["channel"] == thread.channel.id)
    slow = await thread.begun(platform)
    await slow.append("is large")
    await slack.called("chat.appendStream")

    quick = await dm.begun(platform)
    await quick.append("is quick")
    await slack.until(lambda: "is quick" in dm.answers[0].text)
    assert await quick.finish_answer("It is quick.")
    assert await slow.finish_answer("It is large.")

    assert [message.text for message in thread.answers] == ["It is large."]
    assert len(slack.record.calls_of("chat.appendStream", channel=thread.channel.id)) == 1
