"""The sign of work around an answer: typing, which is renewed and ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

import pytest

from bots.discord import DiscordPlatform, DiscordSettings
from runtime.contents import Text
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.on_discord.streams.asked import Asked
from tests.platforms.recording import RecordingDoor

TYPE = "POST /channels/{channel}/typing"
LibrarySays: TypeAlias = Callable[[str], Awaitable[None]]


class _Ear(logging.Handler):
    """Hears what the library says of its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())
        self.news.set()

    async def says(self, words: str) -> None:
        """Return once the library has said so."""
        async with asyncio.timeout(5):
            while not any(words in each for each in self.heard):
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def library_says() -> Iterator[LibrarySays]:
    ear, library = _Ear(), logging.getLogger("discord.http")
    library.addHandler(ear)
    yield ear.says
    library.removeHandler(ear)


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


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_a_sign_that_is_cut_off_while_discord_wants_no_calls_leaves_nobody_waiting(
    discord: Discord, door: RecordingDoor, dm: Asked, library_says: LibrarySays
) -> None:
    """The library lets all calls wait for the one that was told so first, and that one ends here."""
    discord.rate_limit(TYPE, retry_after=0.3, is_global=True)
    async with started(discord, door, request_timeout=5.0) as platform:
        stream = platform.open_stream(dm.request())
        await stream.status("is digging")
        await library_says("Global rate limit has been hit")
        await stream.close(suspended=False)

        await platform.post(dm.where, Text(markdown="It is large."), key="answer")

    assert [answer.text for answer in dm.answers] == ["It is large."]


@pytest.mark.mistake(21)
async def test_what_ends_one_pause_does_not_end_the_next_one(
    discord: Discord, door: RecordingDoor, dm: Asked, library_says: LibrarySays
) -> None:
    discord.rate_limit(TYPE, retry_after=0.1, is_global=True)
    discord.rate_limit(TYPE, retry_after=2.4, is_global=True)
    async with started(discord, door, request_timeout=5.0) as platform:
        stream = platform.open_stream(dm.request())
        await stream.status("is digging")
        await library_says("Global rate limit has been hit. Retrying in 2.40")
        began = asyncio.get_running_loop().time()

        await platform.post(dm.where, Text(markdown="It is large."), key="answer")

        assert asyncio.get_running_loop().time() - began > 2.3
        await stream.close(suspended=False)


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
