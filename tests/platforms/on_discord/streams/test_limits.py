"""However much is written, the calls stay few, within the limits, and in nobody's way."""

import asyncio

import pytest

from bots.discord import DiscordPlatform
from bots.discord.settings import LONGEST_TEXT
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.on_discord.streams.asked import PATCH, Asked
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided


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
