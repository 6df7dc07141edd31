"""Answers that people see being written, and the sign of work around them."""

import asyncio

import pytest

from bots.discord import DiscordPlatform, DiscordSettings
from bots.discord.settings import LONGEST_TEXT
from bots.discord.wording import mended
from runtime.contents import Text
from runtime.ports import Stream, StreamRequest
from runtime.records import ConversationRef, MessageRef, RunId, UserRef
from tests.fakes.discord import Channel, Discord, Message, Permission, Person
from tests.platforms.on_discord.conftest import LoopbackClock, started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

POST, PATCH = "POST /channels/{channel}/messages", "PATCH /channels/{channel}/messages/{message}"
TYPE = "POST /channels/{channel}/typing"


class Asked:
    """A person's question, and the streams that answer it."""

    def __init__(self, discord: Discord, person: Person, channel: Channel, message: Message, key: str) -> None:
        self.key = key
        self.discord, self.person, self.channel, self.message = discord, person, channel, message
        self.posted: list[MessageRef] = []
        self.heard = asyncio.Event()

    @property
    def where(self) -> ConversationRef:
        thread = "" if self.channel.is_direct else self.message.id
        return ConversationRef(
            platform="discord", space=self.channel.guild or "", channel=self.channel.id, thread=thread
        )

    def request(self) -> StreamRequest:
        return StreamRequest(
            run_id=RunId(3),
            where=self.where,
            direct=self.channel.is_direct,
            asked_by=UserRef(platform="discord", id=self.person.id),
            message_id=self.message.id,
            key="run-3",
        )

    async def on_posted(self, message: MessageRef) -> None:
        self.posted.append(message)
        self.heard.set()

    async def begun(self, platform: DiscordPlatform, first: str = "It ") -> Stream:
        """A stream whose first words stand there."""
        stream = platform.open_stream(self.request())
        await stream.begin_answer(self.key, self.on_posted)
        await stream.append(first)
        async with asyncio.timeout(5):
            await self.heard.wait()
        return stream

    @property
    def answers(self) -> list[Message]:
        return self.discord.answers(self.where.thread or self.channel.id)

    @property
    def is_typed_in(self) -> bool:
        return self.discord.types_in(self.where.thread or self.channel.id)


@pytest.fixture
async def asked(discord: Discord, alice: Person) -> Asked:
    pond = discord.channel("pond", members=[alice])
    return Asked(discord, alice, pond, await alice.mentions(pond, "how large is the pond?"), "answer-3")


@pytest.fixture
async def dm(discord: Discord, alice: Person) -> Asked:
    return Asked(discord, alice, alice.dm, await alice.dms("how large is the pond?"), "answer-4")


async def test_an_answer_grows_in_one_message_and_says_in_the_end_what_was_committed(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    since = LoopbackClock(discord).now()
    stream = await asked.begun(platform)
    await stream.append("is large")
    await discord.until(lambda: "is large" in asked.answers[0].text)

    finished = await stream.finish_answer("It is large.")
    await stream.close(suspended=False)

    assert finished
    assert [message.text for message in asked.answers] == ["It is large."]
    assert asked.posted == [stream.message]
    assert await platform.find_posted(asked.where, "answer-3", since) == stream.message


async def test_an_answer_in_a_dm_grows_as_well(discord: Discord, platform: DiscordPlatform, dm: Asked) -> None:
    stream = await dm.begun(platform)

    assert await stream.finish_answer("It is.")
    assert [message.text for message in dm.answers] == ["It is."]


async def test_an_answer_that_came_out_otherwise_replaces_what_was_shown(
    platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform, "Perhaps ")

    assert await stream.finish_answer("Certainly.")
    assert [message.text for message in asked.answers] == ["Certainly."]


async def test_an_answer_that_stands_there_already_is_not_written_once_more(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform, "It is large.")

    assert await stream.finish_answer("It is large.")
    assert not discord.record.calls_of(PATCH)


@pytest.mark.mistake(8)
async def test_a_dropped_connection_in_mid_answer_repeats_nothing(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform)
    discord.drop(PATCH)

    await stream.append("is ")
    await discord.called(PATCH)
    await stream.append("large.")
    assert await stream.finish_answer("It is large.")

    assert [message.text for message in asked.answers] == ["It is large."]


@pytest.mark.promise(31)
@pytest.mark.mistake(8)
async def test_a_first_flush_whose_outcome_is_unclear_is_left_to_the_courier(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    since = LoopbackClock(discord).now()
    await platform.post(asked.where, Text(markdown="I heard you."), key="notice-3")
    discord.drop(POST)
    stream = platform.open_stream(asked.request())
    await stream.begin_answer("answer-3", asked.on_posted)
    await stream.append("It ")
    await discord.until(lambda: len(asked.answers) == 2)
    await stream.append("is")

    assert not await stream.finish_answer("It is large.")
    await stream.close(suspended=False)

    assert not asked.posted
    assert len(asked.answers) == 2
    assert await platform.find_posted(asked.where, "answer-3", since) is not None


async def test_nothing_shown_is_nothing_finished(platform: DiscordPlatform, dm: Asked) -> None:
    stream = platform.open_stream(dm.request())

    assert not await stream.finish_answer("It is large.")
    await stream.close(suspended=False)

    assert not dm.answers


async def test_an_answer_that_could_not_be_replaced_is_left_to_the_courier(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform, "Perhaps ")
    discord.fail(PATCH, status=503)

    assert not await stream.finish_answer("Certainly.")
    assert stream.message is not None
    await platform.edit(stream.message, Text(markdown="Certainly."))

    assert [message.text for message in asked.answers] == ["Certainly."]


@pytest.mark.promise(27)
async def test_an_answer_that_is_too_long_for_a_message_stops_growing_and_is_left_to_the_courier(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    long = "x" * 5_000
    stream = await asked.begun(platform, long)

    assert not await stream.finish_answer(long)
    await stream.close(suspended=False)

    (answer,) = asked.answers
    assert answer.text == long[:LONGEST_TEXT]


@pytest.mark.mistake(21)
async def test_twenty_thousand_tokens_make_few_calls(discord: Discord, door: RecordingDoor, asked: Asked) -> None:
    async with started(discord, door, flush_interval=0.2) as platform:
        stream = await asked.begun(platform)
        whole = "It "
        for number in range(20_000):
            whole += f"{number % 10} "
            await stream.append(f"{number % 10} ")
        assert len(discord.record.calls_of(PATCH)) <= 2
        await stream.finish_answer(whole[:3_000])

    assert [message.text for message in asked.answers] == [whole[:3_000].strip()]


@pytest.mark.mistake(21)
async def test_a_channels_limit_leaves_room_for_a_card_to_be_closed_while_answers_stream(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    """Discord takes five changes in five seconds: an answer never uses the last of them."""
    shown = await platform.post(asked.where, card(), key="card")
    stream = await asked.begun(platform)
    for number in range(30):
        await stream.append(f"{number} ")
        await asyncio.sleep(0.01)
    await discord.called(PATCH, times=4)

    await platform.edit(shown, decided())

    assert len(discord.record.calls_of(PATCH)) == 5
    assert asked.answers[0].labels == []
    await stream.close(suspended=False)


@pytest.mark.mistake(21)
async def test_a_rate_limit_on_one_answer_coalesces_and_holds_up_no_other(
    discord: Discord, platform: DiscordPlatform, asked: Asked, dm: Asked
) -> None:
    discord.rate_limit(PATCH, retry_after=40, when=lambda call: call["channel"] == asked.message.id)
    slow = await asked.begun(platform)
    await slow.append("is large")
    await discord.called(PATCH)

    quick = await dm.begun(platform)
    await quick.append("is quick")
    await discord.until(lambda: "is quick" in dm.answers[0].text)
    assert await quick.finish_answer("It is quick.")
    await slow.append(" indeed")
    assert await slow.finish_answer("It is large.")

    assert [message.text for message in asked.answers] == ["It is large."]
    assert len(discord.record.calls_of(PATCH, channel=asked.message.id)) == 2


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
async def test_a_mention_that_arrives_in_two_halves_pings_nobody(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform, "hello ")

    for piece in ("<@", asked.person.id, "> and @every", "one bye"):
        await stream.append(piece)
    await discord.until(lambda: "bye" in asked.answers[0].text)

    assert asked.answers[0].pings == ()
    assert await stream.finish_answer(f"hello <@{asked.person.id}> and @everyone bye.")
    assert asked.answers[0].pings == ()


@pytest.mark.promise(27)
async def test_code_that_is_still_being_written_is_shown_as_code(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform, "Look:\n```py\nprint(1)")

    assert asked.answers[0].text == "Look:\n```py\nprint(1)\n```"
    assert await stream.finish_answer("Look:\n```py\nprint(1)\n```\nThere.")
    assert asked.answers[0].text == "Look:\n```py\nprint(1)\n```\nThere."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a `code` b", "a `code` b"),
        ("```\ndone\n```", "```\ndone\n```"),
        ("```sh\nls", "```sh\nls\n```"),
        ("so:\n```", "so:\n"),
        ("```\na\n```\nand\n```\nb", "```\na\n```\nand\n```\nb\n```"),
    ],
)
def test_a_block_of_code_is_closed_while_it_grows(text: str, shown: str) -> None:
    assert mended(text) == shown


@pytest.mark.promise(31)
async def test_a_stream_that_a_crash_left_behind_is_found_and_taken_over(
    discord: Discord, door: RecordingDoor, asked: Asked
) -> None:
    since = LoopbackClock(discord).now()
    async with started(discord, door) as platform:
        await asked.begun(platform, "It is la")
        # the process dies here: nothing is finished, and nobody knows the message
    async with started(discord, door) as platform:
        found = await platform.find_posted(asked.where, "answer-3", since)
        assert found == MessageRef(where=asked.where, id=f"{asked.message.id}/{asked.answers[0].id}")
        await platform.edit(found, Text(markdown="It is large."))

        assert [message.text for message in asked.answers] == ["It is large."]
        assert await platform.find_posted(asked.where, "answer-3", since) == found
        assert await platform.find_posted(asked.where, "another", since) is None


async def test_what_the_caller_raises_when_it_hears_of_the_message_comes_back_to_the_caller(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    class Lost(Exception):
        pass

    async def lose(message: MessageRef) -> None:
        raise Lost

    stream = platform.open_stream(asked.request())
    await stream.begin_answer("answer-3", lose)
    await stream.append("It is")
    await discord.until(lambda: asked.answers)

    with pytest.raises(Lost):
        await stream.finish_answer("It is large.")
    await stream.close(suspended=False)


# signs of work


@pytest.mark.mistake(29)
async def test_work_shows_as_typing_in_the_thread_which_is_opened_for_it(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = platform.open_stream(asked.request())

    await stream.status("is reading pond.txt…")
    await discord.until(lambda: asked.is_typed_in)
    assert discord.thread_of(asked.message) is not None

    await stream.close(suspended=False)


@pytest.mark.mistake(29)
async def test_typing_is_renewed_before_discord_forgets_it_and_ends_with_the_run(
    discord: Discord, door: RecordingDoor, dm: Asked
) -> None:
    async with started(discord, door, typing_renewal=0.02) as platform:
        stream = platform.open_stream(dm.request())
        await stream.status("is digging")
        await discord.called(TYPE, times=3)
        await stream.close(suspended=True)
        count = len(discord.record.calls_of(TYPE))
        await asyncio.sleep(0.06)

        assert len(discord.record.calls_of(TYPE)) == count


@pytest.mark.mistake(29)
async def test_the_default_renewal_lies_below_ten_seconds(discord: Discord) -> None:
    assert DiscordSettings(token=discord.token).typing_renewal < 9.5


@pytest.mark.mistake(29)
async def test_an_answer_that_is_written_ends_the_typing(discord: Discord, door: RecordingDoor, dm: Asked) -> None:
    async with started(discord, door, typing_renewal=0.02) as platform:
        stream = platform.open_stream(dm.request())
        await stream.status("is digging")
        await discord.called(TYPE)
        await stream.begin_answer("answer-3", dm.on_posted)
        await stream.append("It is")
        await discord.until(lambda: dm.answers)
        count = len(discord.record.calls_of(TYPE))
        await asyncio.sleep(0.06)

        assert len(discord.record.calls_of(TYPE)) == count
        await stream.close(suspended=False)


async def test_words_that_change_quickly_make_one_sign(discord: Discord, platform: DiscordPlatform, dm: Asked) -> None:
    stream = platform.open_stream(dm.request())
    for number in range(100):
        await stream.status(f"is at {number}")
        await asyncio.sleep(0)
    await discord.called(TYPE)
    await stream.close(suspended=False)

    assert len(discord.record.calls_of(TYPE)) == 1


async def test_a_sign_that_discord_refuses_disturbs_nothing_and_is_tried_again(
    discord: Discord, door: RecordingDoor, dm: Asked
) -> None:
    discord.fail(TYPE, 50001)
    async with started(discord, door, typing_renewal=0.02) as platform:
        stream = platform.open_stream(dm.request())
        await stream.status("is digging")
        await discord.until(lambda: dm.is_typed_in)
        await stream.begin_answer("answer-3", dm.on_posted)
        await stream.append("It is large.")
        await discord.until(lambda: dm.answers)

        assert await stream.finish_answer("It is large.")
        await stream.close(suspended=False)


async def test_an_answer_that_may_not_be_written_there_is_left_to_the_courier(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    discord.deny(asked.channel, discord.bot.id, Permission.SEND_MESSAGES_IN_THREADS)
    stream = platform.open_stream(asked.request())
    await stream.begin_answer("answer-3", asked.on_posted)
    await stream.append("It is")
    await discord.called(POST)
    await stream.append(" large")

    assert not await stream.finish_answer("It is large.")
    await stream.close(suspended=False)
    assert not asked.answers
