"""What was said while nobody listened is heard afterwards: once, in order, and nothing from before our time."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bots.discord.places import sent_at
from runtime.contents import Text
from tests.fakes.discord import Channel, Discord, Person
from tests.platforms.on_discord.catch_up.away import Away, seen
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_mentions_dms_and_thread_replies_of_the_gap_come_in_order(
    away: Away, alice: Person, bob: Person, pond: Channel
) -> None:
    old = await alice.mentions(pond, "handled long ago")
    await alice.opens_thread(old)
    old_dm = await alice.dms("handled too")

    first = await alice.mentions(pond, "one")
    await alice.says(pond, "just talking")
    reply = await alice.says(pond, "two", thread=old)
    third = await bob.mentions(pond, "three")
    dm = await alice.dms("four")
    new_dm = await bob.dms("five")

    heard = await away.back(seen(pond, old), seen(alice.dm, old_dm), known_people=(bob.id,))

    here = [message for message in heard if message.where.channel == pond.id]
    assert [message.text for message in here] == ["one", "two", "three"]
    assert [message.id for message in here] == [first.id, reply.id, third.id]
    assert [message.where.thread for message in here] == [first.id, old.id, third.id]
    assert [message.addressed for message in here] == [True, False, True]
    assert {message.id for message in heard} == {first.id, reply.id, third.id, dm.id, new_dm.id}


@pytest.mark.mistake(23)
async def test_an_installation_that_has_seen_nothing_answers_nothing_old(
    away: Away, alice: Person, pond: Channel
) -> None:
    await alice.mentions(pond, "before our time")
    await alice.dms("before our time")

    assert await away.back(known_people=(alice.id,)) == []


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_the_first_that_is_ever_said_is_found_though_nobody_listened(
    away: Away, discord: Discord, alice: Person, pond: Channel
) -> None:
    before = await alice.mentions(pond, "before our time")
    discord.clock.advance(60)
    first = await alice.mentions(pond, "hello")
    private = await alice.dms("anybody there?")

    heard = await away.back(since=sent_at(int(before.id)) + timedelta(seconds=30), known_people=(alice.id,))

    assert {message.id for message in heard} == {first.id, private.id}


@pytest.mark.promise(25)
async def test_noise_is_left_out_of_the_past_as_well(
    discord: Discord, away: Away, alice: Person, bob: Person, pond: Channel
) -> None:
    robot = discord.other_bot("robot")
    robot.joins(discord.home)
    old = await alice.mentions(pond, "handled")
    await robot.mentions(pond, "I am a bot")
    gone = await alice.mentions(pond, "never mind")
    await alice.deletes(gone)
    await alice.opens_thread(await bob.says(pond, "look at this"))
    changed = await alice.mentions(pond, "wrong")
    await alice.edits(changed, f"{discord.bot.mention} right")

    assert [message.text for message in await away.back(seen(pond, old))] == ["right"]


@pytest.mark.mistake(23)
async def test_what_was_handled_meanwhile_is_not_older_than_the_newest_seen(
    away: Away, alice: Person, pond: Channel
) -> None:
    messages = [await alice.mentions(pond, str(number)) for number in range(4)]

    heard = await away.back(seen(pond, messages[0]), seen(pond, messages[2]))

    assert [message.text for message in heard] == ["3"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_each_place_is_read_from_its_own_last_message_on_not_from_the_newest_of_all(
    away: Away, alice: Person, pond: Channel
) -> None:
    """A crash while catching up leaves places behind that were not read yet."""
    old = await alice.mentions(pond, "handled")
    await alice.opens_thread(old)
    old_dm = await alice.dms("handled too")
    await alice.mentions(pond, "missed in the channel")
    await alice.says(pond, "missed in the thread", thread=old)
    await alice.dms("missed directly")
    newest = await alice.mentions(pond, "handled at last")
    elsewhere = seen(pond, newest)
    elsewhere = replace(elsewhere, where=replace(elsewhere.where, channel="1234567", thread="1234568"))

    heard = await away.back(seen(pond, old), seen(alice.dm, old_dm), elsewhere)

    assert {message.text for message in heard} == {
        "missed in the channel",
        "missed in the thread",
        "missed directly",
        "handled at last",
    }


@pytest.mark.mistake(23)
async def test_what_lies_too_far_back_is_left_alone(discord: Discord, away: Away, alice: Person, pond: Channel) -> None:
    old = await alice.mentions(pond, "handled")
    await alice.mentions(pond, "asked and forgotten")
    discord.clock.advance(timedelta(days=8).total_seconds())
    await alice.mentions(pond, "asked just now")

    assert [message.text for message in await away.back(seen(pond, old))] == ["asked just now"]


@pytest.mark.mistake(23)
async def test_a_long_gap_is_read_page_by_page(away: Away, alice: Person) -> None:
    old = await alice.dms("handled")
    for number in range(250):
        await alice.dms(str(number))

    heard = await away.back(seen(alice.dm, old))

    assert [message.text for message in heard] == [str(number) for number in range(250)]


async def test_a_missed_request_gets_its_thread_without_being_read_once_more(
    discord: Discord, door: RecordingDoor, alice: Person, pond: Channel
) -> None:
    old = await alice.mentions(pond, "handled")
    missed = await alice.mentions(pond, "how large is the pond?")
    async with started(discord, door) as platform:
        (heard,) = [message async for message in platform.catch_up((seen(pond, old),), datetime.now(UTC))]
        await platform.post(heard.where, Text(markdown="large"), key="1")

    thread = discord.thread_of(missed)
    assert thread is not None
    assert thread.name == "how large is the pond?"
    assert len(discord.record.calls_of("POST /channels/{channel}/messages")) == 1
