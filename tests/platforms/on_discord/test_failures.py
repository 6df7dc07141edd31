"""What Discord refuses, drops or delays while Mallard posts, in the runtime's words, and never said twice."""

import asyncio
from datetime import timedelta

import pytest

from bots.discord import DiscordPlatform, DiscordSettings
from runtime.contents import Text
from runtime.errors import PlatformError, PlatformLimited, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.records import ConversationRef, MessageRef
from tests.fakes.discord import Discord, Person
from tests.platforms.on_discord.conftest import LoopbackClock, place, started
from tests.platforms.on_discord.test_posting import PATCH, POST
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

FAILURES: tuple[tuple[int, int | None, type[PlatformError]], ...] = (
    (50001, None, PlatformRefused),
    (50013, None, PlatformRefused),
    (50035, None, PlatformRefused),
    (50007, None, PlatformRefused),
    (160005, None, PlatformRefused),
    (0, 401, PlatformUnavailable),
    (0, 503, PlatformUnavailable),
    (0, 500, PlatformUnclear),
    (0, 502, PlatformUnclear),
    (0, 520, PlatformUnclear),
    (30046, 400, PlatformUnavailable),
)


@pytest.mark.promise(9)
@pytest.mark.mistake(25)
@pytest.mark.parametrize(("code", "status", "expected"), FAILURES)
async def test_discords_refusals_become_the_runtimes_words(
    discord: Discord, door: RecordingDoor, code: int, status: int | None, expected: type[PlatformError], alice: Person
) -> None:
    where = place(discord, alice.dm)
    async with started(discord, door, request_timeout=0.3) as platform:
        fault = discord.fail(POST, code, status=status, times=None)

        with pytest.raises(expected):
            await platform.post(where, Text(markdown="hello"), key="1")

    assert len(fault.hits) == 1


@pytest.mark.promise(31)
@pytest.mark.mistake(8)
@pytest.mark.parametrize("trouble", ["dropped", "502", "hanging"])
@pytest.mark.parametrize("nonce_memory", [0.0, 300.0])
async def test_a_post_that_discord_processed_without_saying_so_is_unclear_and_is_found_not_repeated(
    discord: Discord, door: RecordingDoor, trouble: str, nonce_memory: float, alice: Person
) -> None:
    discord.state.nonce_memory = nonce_memory
    since = LoopbackClock(discord).now()
    where = place(discord, alice.dm)
    match trouble:
        case "dropped":
            discord.drop(POST)
        case "502":
            discord.fail(POST, status=502, processed=True)
        case _:
            discord.hold(POST, processed=True)

    async with started(discord, door, request_timeout=0.3) as platform:
        with pytest.raises(PlatformUnclear):
            await platform.post(where, Text(markdown="once"), key="delivery-1")
        found = await platform.find_posted(where, "delivery-1", since)

    assert [message.text for message in discord.answers(alice.dm)] == ["once"]
    assert found == MessageRef(where=where, id=f"{alice.dm.id}/{discord.answers(alice.dm)[0].id}")


@pytest.mark.promise(31)
@pytest.mark.mistake(8)
async def test_a_post_that_is_repeated_within_minutes_stands_once_and_says_the_new_words(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    where = place(discord, alice.dm)

    first = await platform.post(where, card(), key="1")
    second = await platform.post(where, decided(), key="1")

    assert first == second
    (answer,) = discord.answers(alice.dm)
    assert "Approved by bob" in answer.text
    assert answer.labels == []


async def test_a_post_whose_predecessor_was_deleted_is_made_anew(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    where = place(discord, alice.dm)
    await platform.post(where, Text(markdown="one"), key="1")
    discord.answers(alice.dm)[0].deleted = True

    await platform.post(where, Text(markdown="two"), key="1")

    assert [message.text for message in discord.answers(alice.dm)] == ["two"]


@pytest.mark.mistake(21)
@pytest.mark.parametrize(("via", "seconds"), [(True, 40.0), (False, 60.0)])
async def test_a_long_rate_limit_says_how_long_and_nobody_waits_for_it(
    discord: Discord, platform: DiscordPlatform, via: bool, seconds: float, alice: Person
) -> None:
    discord.rate_limit(POST, retry_after=40, via=via)

    with pytest.raises(PlatformLimited) as caught:
        await platform.post(place(discord, alice.dm), Text(markdown="hello"), key="1")

    assert caught.value.retry_after == seconds


async def test_an_edit_whose_outcome_is_unclear_may_be_done_again(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    posted = await platform.post(place(discord, alice.dm), card(), key="1")
    discord.drop(PATCH)

    with pytest.raises(PlatformUnavailable):
        await platform.edit(posted, decided())
    await platform.edit(posted, decided())

    assert discord.answers(alice.dm)[0].labels == []


@pytest.mark.mistake(25)
async def test_a_message_that_is_gone_is_refused_for_good(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    posted = await platform.post(place(discord, alice.dm), Text(markdown="hello"), key="1")
    discord.answers(alice.dm)[0].deleted = True

    with pytest.raises(PlatformRefused):
        await platform.edit(posted, Text(markdown="hello again"))
    with pytest.raises(PlatformRefused):
        await platform.edit(MessageRef(where=place(discord, alice.dm), id="no message"), Text(markdown="hello"))


@pytest.mark.mistake(25)
async def test_looking_for_a_message_where_the_channel_is_gone_finds_nothing(
    discord: Discord, platform: DiscordPlatform
) -> None:
    gone = ConversationRef(platform="discord", space=discord.home.id, channel="1234567", thread="1234568")

    assert await platform.find_posted(gone, "k", LoopbackClock(discord).now() - timedelta(days=1)) is None


async def test_an_unreachable_discord_posted_nothing(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    where = place(discord, alice.dm)
    await discord.stop()

    with pytest.raises((PlatformUnclear, PlatformUnavailable)):  # over a connection that was still open
        await platform.post(where, Text(markdown="hello"), key="1")
    with pytest.raises(PlatformUnavailable):
        await platform.post(where, Text(markdown="hello"), key="1")


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_a_post_that_waits_in_the_library_while_the_connection_is_given_up_is_unclear(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    """The library lets one post wait for the other, and then tries it with a client that is closed by now."""
    where = place(discord, alice.dm)
    discord.hold(POST)
    under_way = asyncio.create_task(platform.post(where, Text(markdown="one"), key="1"))
    await discord.called(POST)
    waiting = asyncio.create_task(platform.post(where, Text(markdown="two"), key="2"))
    await asyncio.sleep(0)
    await platform.stop()

    ends = await asyncio.gather(under_way, waiting, return_exceptions=True)

    assert [type(end) for end in ends] == [PlatformUnclear, PlatformUnclear]


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_the_default_patience_outlasts_what_the_library_waits_for_a_limit_that_nobody_ends(
    discord: Discord,
) -> None:
    """Calls that are cut off one after the other can leave a channel's limit used up, and without an end. Whoever waits for it
    for 30 seconds opens it again; if nobody does, nothing is said in that channel any more."""
    assert DiscordSettings(token=discord.token).request_timeout >= 30 + 5
