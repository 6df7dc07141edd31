"""Answers that people see being written, and the signs of work around them."""

import asyncio

import pytest

from bots.slack import SlackPlatform, SlackSettings
from runtime.contents import Text
from runtime.ports import Stream, StreamRequest
from runtime.records import ConversationRef, MessageRef, RunId, UserRef
from tests.fakes.slack import Channel, Message, Slack
from tests.platforms.on_slack.conftest import LoopbackClock, started
from tests.platforms.recording import RecordingDoor


class Thread:
    """A person's question in a channel, and the streams that answer it."""

    def __init__(self, slack: Slack, channel: Channel, asked: Message, *, direct: bool = False) -> None:
        self.slack, self.channel, self.asked, self.direct = slack, channel, asked, direct
        self.posted: list[MessageRef] = []
        self.heard = asyncio.Event()

    @property
    def where(self) -> ConversationRef:
        return ConversationRef(platform="slack", space="T1", channel=self.channel.id, thread=self.asked.ts)

    def request(self) -> StreamRequest:
        return StreamRequest(
            run_id=RunId(3),
            where=self.where,
            direct=self.direct,
            asked_by=UserRef(platform="slack", space="T1", id="UALICE"),
            message_id=self.asked.ts,
            key="run-3",
        )

    async def on_posted(self, message: MessageRef) -> None:
        self.posted.append(message)
        self.heard.set()

    async def begun(self, platform: SlackPlatform, first: str = "It ") -> Stream:
        """A stream whose first words stand there."""
        stream = platform.open_stream(self.request())
        await stream.begin_answer("answer-3", self.on_posted)
        await stream.append(first)
        async with asyncio.timeout(5):
            await self.heard.wait()
        return stream

    @property
    def answers(self) -> list[Message]:
        return self.slack.answers(self.channel, self.asked)


@pytest.fixture
async def thread(slack: Slack) -> Thread:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    return Thread(slack, pond, await alice.says(pond, "how large is the pond?"))


@pytest.fixture
async def dm(slack: Slack) -> Thread:
    alice = slack.person("UALICE")
    return Thread(slack, alice.dm, await alice.dms("how large is the pond?"), direct=True)


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
        found = await platform.find_posted(thread.where, "answer-3", since)
        assert found is not None
        assert found.id == orphan.ts
        await platform.edit(found, Text(markdown="It is large."))

        assert [message.text for message in thread.answers] == ["It is large."]
        assert await platform.find_posted(thread.where, "answer-3", since) == found
        assert await platform.find_posted(thread.where, "another", since) is None


async def test_a_stream_that_is_still_written_is_nobodys_orphan(
    slack: Slack, platform: SlackPlatform, thread: Thread
) -> None:
    since = LoopbackClock(slack).now()
    stream = await thread.begun(platform)

    assert await platform.find_posted(thread.where, "a card", since) is None
    assert await platform.find_posted(thread.where, "answer-3", since) == stream.message
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


# signs of work


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
