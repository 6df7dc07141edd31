"""Who may see what, and where a person is reached alone."""

import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.records import ConversationRef, UserRef
from tests.fakes.discord import Channel, Discord, Permission, Person
from tests.platforms.on_discord.conftest import place, started
from tests.platforms.recording import RecordingDoor


def user(person: Person) -> UserRef:
    return UserRef(platform="discord", id=person.id)


@pytest.mark.mistake(25)
async def test_a_dm_is_opened_once(discord: Discord, platform: DiscordPlatform, alice: Person) -> None:
    first = await platform.direct_message(user(alice))
    second = await platform.direct_message(user(alice))

    assert first == second == place(discord, alice.dm)
    assert len(discord.record.calls_of("POST /users/@me/channels")) == 1


@pytest.mark.mistake(25)
async def test_a_person_who_cannot_be_written_to_is_a_refusal(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    alice.closes_dms()
    with pytest.raises(PlatformRefused):
        await platform.post(await platform.direct_message(user(alice)), Text(markdown="hello"), key="1")
    for nobody in (UserRef(platform="terminal", id="me"), UserRef(platform="discord", id="alice")):
        with pytest.raises(PlatformRefused):
            await platform.direct_message(nobody)


@pytest.mark.promise(30)
async def test_those_read_a_channel_who_see_it_and_its_history(
    discord: Discord, door: RecordingDoor, alice: Person, bob: Person
) -> None:
    stranger = discord.person("stranger")
    public = discord.channel("public", members=[alice, bob])
    secret = discord.channel("secret", members=[alice], private=True)
    forgetful = discord.channel("forgetful", members=[alice, bob])
    discord.deny(forgetful, bob.id, Permission.READ_MESSAGE_HISTORY)
    talk = discord.channel("talk", members=[alice, bob], kind="voice")
    discord.deny(talk, bob.id, Permission.CONNECT)

    async with started(discord, door) as platform:

        async def readers(channel: Channel) -> set[str]:
            people = (alice, bob, stranger)
            return {one.name for one in people if await platform.is_member(user(one), place(discord, channel))}

        assert await readers(public) == {"alice", "bob"}
        assert await readers(secret) == {"alice"}
        assert await readers(forgetful) == {"alice"}
        assert await readers(talk) == {"alice"}
        assert await readers(alice.dm) == {"alice"}


@pytest.mark.promise(30)
async def test_a_private_thread_is_read_by_those_who_were_added_and_by_who_looks_after_threads(
    discord: Discord, platform: DiscordPlatform, alice: Person, bob: Person
) -> None:
    carol = discord.person("carol")
    pond = discord.channel("pond", members=[alice, bob, carol])
    discord.allow(pond, carol.id, Permission.MANAGE_THREADS)
    thread = await alice.opens_private_thread(pond, "psst", members=(discord.bot.id,))

    assert await platform.is_member(user(alice), place(discord, thread))
    assert await platform.is_member(user(carol), place(discord, thread))
    assert not await platform.is_member(user(bob), place(discord, thread))


@pytest.mark.promise(30)
async def test_a_public_thread_is_read_by_whoever_reads_its_channel(
    discord: Discord, platform: DiscordPlatform, alice: Person, bob: Person
) -> None:
    secret = discord.channel("secret", members=[alice], private=True)
    asked = await alice.mentions(secret, "how large?")
    where = ConversationRef(platform="discord", space=discord.home.id, channel=secret.id, thread=asked.id)

    assert await platform.is_member(user(alice), where)
    assert not await platform.is_member(user(bob), where)


@pytest.mark.promise(30)
async def test_nobody_is_taken_for_a_reader_of_what_is_gone_or_elsewhere(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    other = discord.guild("Other", members=[alice], with_bot=False)
    gone = ConversationRef(platform="discord", space=discord.home.id, channel="1234567")
    foreign = ConversationRef(platform="discord", space=other.id, channel="1234568")

    assert not await platform.is_member(user(alice), gone)
    assert not await platform.is_member(user(alice), foreign)
    assert not await platform.is_member(UserRef(platform="slack", space="T1", id="U1"), gone)
    assert not await platform.is_member(user(alice), ConversationRef(platform="slack", space="T1", channel="C1"))


@pytest.mark.promise(30)
async def test_who_left_the_server_reads_nothing_there(
    discord: Discord, platform: DiscordPlatform, alice: Person, bob: Person
) -> None:
    public = discord.channel("public", members=[alice, bob])
    alice.leaves(discord.home)

    assert not await platform.is_member(user(alice), place(discord, public))
    assert await platform.is_member(user(bob), place(discord, public))


@pytest.mark.promise(30)
async def test_where_discord_cannot_say_what_is_there_nobody_is_told_that_they_may_not(
    discord: Discord, door: RecordingDoor, alice: Person
) -> None:
    public = discord.channel("public", members=[alice])
    discord.outage(discord.home)
    async with started(discord, door) as platform:
        with pytest.raises(PlatformUnavailable):
            await platform.is_member(user(alice), place(discord, public))
    discord.gateway.down()
    async with started(discord, door, connect_patience=0.1) as platform:
        with pytest.raises(PlatformUnavailable):
            await platform.is_member(user(alice), place(discord, public))
