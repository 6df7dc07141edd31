"""The thread of a request: named before it exists, opened when it is needed, and done without where it may not be."""

import asyncio

import pytest

from bots.discord import DiscordPlatform, wording
from runtime.contents import Text
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef
from tests.fakes.discord import Channel, Discord, Message, Permission, Person
from tests.platforms.on_discord.conftest import LoopbackClock, place, started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

OPEN = "POST /channels/{channel}/messages/{message}/threads"


@pytest.mark.mistake(16)
async def test_the_thread_of_a_request_is_opened_once_and_called_after_it(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel
) -> None:
    where = place(discord, pond, asked)

    await platform.post(where, Text(markdown="one"), key="1")
    await platform.post(where, Text(markdown="two"), key="2")

    thread = discord.thread_of(asked)
    assert thread is not None
    assert thread.name == "how large is the pond?"
    assert [message.text for message in discord.answers(pond, asked)] == ["one", "two"]
    assert len(discord.record.calls_of(OPEN)) == 1


async def test_a_thread_is_opened_once_however_many_want_it_at_a_time(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel
) -> None:
    where = place(discord, pond, asked)
    held = discord.hold(OPEN)
    async with asyncio.TaskGroup() as tasks:
        for number in range(3):
            tasks.create_task(platform.post(where, Text(markdown=str(number)), key=str(number)))
        await held.arrived()
        held.release()

    assert len(discord.record.calls_of(OPEN)) == 1
    assert sorted(message.text for message in discord.answers(pond, asked)) == ["0", "1", "2"]


@pytest.mark.mistake(16)
async def test_the_thread_of_an_announced_request_is_called_after_it_also_by_another_process(
    discord: Discord, door: RecordingDoor, pond: Channel
) -> None:
    words = wording.announced("al_ice", "how *large_*\nis [the] pond? C:\\> 3.5")
    async with started(discord, door) as platform:
        root = await platform.post(place(discord, pond), Text(markdown=words), key="1")
        where = platform.thread_on(root, "how large?")
    async with started(discord, door) as platform:
        await platform.post(where, Text(markdown="large"), key="2")

    (begun,) = discord.answers(pond)
    thread = discord.thread_of(begun)
    assert thread is not None
    assert thread.name == "how *large_* is [the] pond? C:\\> 3.5"


@pytest.mark.mistake(16)
async def test_a_message_of_ours_begins_a_thread_in_a_channel_and_none_in_a_thread_or_a_direct_message(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel, alice: Person
) -> None:
    direct = ConversationRef(platform="discord", channel=alice.dm.id)
    for where in (place(discord, pond, asked), direct):
        assert platform.thread_on(await platform.post(where, Text(markdown="one"), key="1"), "how deep?") == where

    root = await platform.post(place(discord, pond), Text(markdown="one"), key="2")
    where = platform.thread_on(root, "how deep?")
    await platform.post(where, Text(markdown="two"), key="3")

    (begun,) = discord.answers(pond)
    assert where == place(discord, pond, begun)
    thread = discord.thread_of(begun)
    assert thread is not None
    assert thread.name == "how deep?"


@pytest.mark.promise(31)
async def test_a_process_that_has_not_heard_the_request_opens_its_thread_all_the_same(
    discord: Discord, door: RecordingDoor, pond: Channel, alice: Person
) -> None:
    asked = await alice.mentions(pond, "how large is the pond?")
    async with started(discord, door) as platform:
        await platform.post(place(discord, pond, asked), Text(markdown="large"), key="1")

    thread = discord.thread_of(asked)
    assert thread is not None
    assert thread.name == "how large is the pond?"
    assert [message.text for message in discord.answers(pond, asked)] == ["large"]


@pytest.mark.promise(31)
async def test_a_thread_that_somebody_opened_meanwhile_is_taken_as_it_is(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel, alice: Person
) -> None:
    await alice.opens_thread(asked, "the pond")

    await platform.post(place(discord, pond, asked), Text(markdown="large"), key="1")

    assert [message.text for message in discord.answers(pond, asked)] == ["large"]


@pytest.mark.promise(9)
async def test_where_no_thread_may_be_opened_the_answer_comes_beside_it_as_a_reply(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel
) -> None:
    since, where = LoopbackClock(discord).now(), place(discord, pond, asked)
    discord.deny(pond, discord.bot.id, Permission.CREATE_PUBLIC_THREADS)

    posted = await platform.post(where, card(), key="1")
    await platform.edit(posted, decided())
    await platform.post(where, Text(markdown="large"), key="2")

    answers = discord.answers(pond)
    assert [message.labels for message in answers] == [[], []]
    assert [message.reference and message.reference["message_id"] for message in answers] == [asked.id, asked.id]
    assert [message.pings for message in answers] == [(), ()]
    assert await platform.find_posted(where, "1", since) == posted
    assert len(discord.record.calls_of(OPEN)) == 1


@pytest.mark.promise(31)
async def test_an_answer_beside_a_thread_that_could_not_be_opened_is_found_by_the_next_process(
    discord: Discord, door: RecordingDoor, pond: Channel, alice: Person
) -> None:
    since = LoopbackClock(discord).now()
    asked = await alice.mentions(pond, "how large?")
    discord.deny(pond, discord.bot.id, Permission.CREATE_PUBLIC_THREADS)
    async with started(discord, door) as platform:
        posted = await platform.post(place(discord, pond, asked), Text(markdown="large"), key="1")
    async with started(discord, door) as platform:
        assert await platform.find_posted(place(discord, pond, asked), "1", since) == posted


@pytest.mark.mistake(25)
async def test_an_answer_to_a_request_that_was_deleted_is_refused(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel, alice: Person
) -> None:
    await alice.deletes(asked)

    with pytest.raises(PlatformRefused):
        await platform.post(place(discord, pond, asked), Text(markdown="large"), key="1")


@pytest.mark.parametrize("kind", ["voice", "dm", "private thread", "forum"])
async def test_other_places_are_spoken_in_as_they_are(
    discord: Discord, platform: DiscordPlatform, pond: Channel, kind: str, alice: Person
) -> None:
    where: ConversationRef
    match kind:
        case "voice":
            here = discord.channel("talk", members=[alice], kind="voice")
            where = place(discord, here)
        case "dm":
            here = alice.dm
            where = place(discord, here)
        case "private thread":
            here = await alice.opens_private_thread(pond, "psst", members=(discord.bot.id,))
            where = place(discord, here)
        case _:
            forum = discord.channel("questions", members=[alice], kind="forum")
            here, _ = await alice.posts(forum, "the pond", f"{discord.bot.mention} how large?")
            where = place(discord, forum, here)

    posted = await platform.post(where, card(), key="1")
    await platform.edit(posted, decided())

    (answer,) = discord.answers(here)
    assert "Approved by bob" in answer.text


@pytest.mark.promise(10)
async def test_a_card_in_an_archived_thread_is_closed(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel
) -> None:
    posted = await platform.post(place(discord, pond, asked), card(), key="1")
    thread = discord.thread_of(asked)
    assert thread is not None
    thread.archived = True

    await platform.edit(posted, decided())

    assert discord.answers(pond, asked)[0].labels == []
