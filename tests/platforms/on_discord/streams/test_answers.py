"""Answers that people see being written, and that say in the end what was committed."""

import pytest

from bots.discord import DiscordPlatform
from bots.discord.wording import mended
from runtime.contents import Text
from runtime.records import MessageRef
from tests.fakes.discord import Discord, Permission
from tests.platforms.on_discord.conftest import LoopbackClock, started
from tests.platforms.on_discord.streams.asked import PATCH, POST, Asked
from tests.platforms.recording import RecordingDoor


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


@pytest.mark.mistake(22)
async def test_an_answer_that_could_not_be_replaced_is_left_to_the_courier(
    discord: Discord, platform: DiscordPlatform, asked: Asked
) -> None:
    stream = await asked.begun(platform, "Perhaps ")
    discord.fail(PATCH, status=503)

    assert not await stream.finish_answer("Certainly.")
    assert stream.message is not None
    await platform.edit(stream.message, Text(markdown="Certainly."))

    assert [message.text for message in asked.answers] == ["Certainly."]


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
@pytest.mark.mistake(22)
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
