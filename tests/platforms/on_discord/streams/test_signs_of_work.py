"""The sign of work around an answer: typing, which is renewed and ends."""

import asyncio

import pytest

from bots.discord import DiscordPlatform, DiscordSettings
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.on_discord.streams.asked import Asked
from tests.platforms.recording import RecordingDoor

TYPE = "POST /channels/{channel}/typing"


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
