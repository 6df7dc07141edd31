"""The loopback's gateway against the real discord.py: every way to lose a connection, and what is heard after it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from tests.fakes.capture import capture_for
from tests.fakes.discord import Discord
from tests.fakes.discord.botapp import INTENTS, Bot, Pond, point_at, pond_with_bot, running

HEARTBEAT, IDENTIFY, RESUME = 1, 2, 6


@pytest.fixture
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_bot(capture=capture_for(request.config, "discord")) as pond:
        yield pond
        pond.discord.check_clean()


@pytest.fixture
async def loopback(request: pytest.FixtureRequest) -> AsyncIterator[Discord]:
    async with Discord(capture=capture_for(request.config, "discord")) as loopback:
        yield loopback


async def test_a_bot_is_told_hello_ready_and_its_servers(pond: Pond) -> None:
    assert pond.discord.gateway.ops == [HEARTBEAT, IDENTIFY]
    assert pond.bot.events == ["READY", "GUILD_CREATE"]
    assert pond.bot.user is not None
    assert (pond.bot.user.name, pond.bot.application_flags.gateway_message_content_limited) == ("mallard", True)
    [guild] = pond.bot.guilds
    assert guild.self_role is not None
    assert guild.me.guild_permissions.create_public_threads
    assert [channel.name for channel in guild.text_channels] == ["pond"]


async def test_what_is_said_during_a_break_is_heard_after_the_resume(pond: Pond) -> None:
    pond.discord.gateway.drop()
    assert not pond.discord.gateway.connected
    await pond.alice.says(pond.channel, "into the silence")
    [message] = await pond.heard()
    assert message.content == "into the silence"
    assert pond.discord.gateway.ops[2:] == [HEARTBEAT, RESUME]
    assert pond.discord.gateway.lost == []


async def test_op_seven_makes_it_come_back_with_a_resume(pond: Pond) -> None:
    pond.discord.gateway.reconnect()
    await pond.discord.until(lambda: "RESUMED" in pond.bot.events)
    await pond.alice.says(pond.channel, "back?")
    assert [message.content for message in await pond.heard()] == ["back?"]
    assert pond.discord.gateway.closed == [4000]


async def test_op_nine_may_leave_the_session_alive(pond: Pond) -> None:
    pond.discord.gateway.invalidate(resumable=True)
    await pond.discord.until(lambda: "RESUMED" in pond.bot.events)
    assert pond.discord.gateway.sessions.begun == 1


async def test_after_op_nine_what_was_said_in_between_never_comes(pond: Pond) -> None:
    pond.discord.gateway.invalidate(resumable=False)
    await pond.alice.says(pond.channel, "nobody hears this")
    await pond.discord.until(lambda: pond.bot.events.count("READY") == 2)
    await pond.alice.says(pond.channel, "but this")
    assert [message.content for message in await pond.heard()] == ["but this"]
    assert [event.name for event in pond.discord.gateway.lost] == ["MESSAGE_CREATE"]
    assert pond.discord.gateway.sessions.begun == 2


async def test_a_session_is_not_resumed_for_ever(pond: Pond) -> None:
    pond.discord.gateway.down()
    pond.discord.clock.advance(181)
    await pond.alice.says(pond.channel, "long gone")
    pond.discord.gateway.up()
    await pond.discord.until(lambda: pond.bot.events.count("READY") == 2, timeout=15)
    assert pond.bot.received == []


async def test_too_much_is_not_told_again(pond: Pond) -> None:
    pond.discord.gateway.sessions.replay_limit = 1
    pond.discord.gateway.drop()
    for number in range(2):
        await pond.alice.says(pond.channel, f"{number}")
    await pond.discord.until(lambda: pond.bot.events.count("READY") == 2)
    assert pond.bot.received == []


async def test_silence_makes_a_zombie_and_the_library_leaves_it(request: pytest.FixtureRequest) -> None:
    async with Discord(capture=capture_for(request.config, "discord")) as loopback:
        loopback.gateway.heartbeat_interval = 0.05
        async with running(loopback, Bot(heartbeat_timeout=0.3)) as bot:
            loopback.gateway.mute_acks()
            await loopback.until(lambda: 4000 in loopback.gateway.closed)
            await loopback.until(lambda: "RESUMED" in bot.events)
        loopback.check_clean()


async def test_a_client_without_heartbeats_is_sent_away(loopback: Discord) -> None:
    loopback.gateway.heartbeat_interval = 0.02
    loopback.gateway.grace = 0.5
    bot = Bot()
    async with running(loopback, bot):
        assert bot.ws._keep_alive is not None
        bot.ws._keep_alive.stop()
        await loopback.until(lambda: 4009 in loopback.gateway.closed)


@pytest.mark.parametrize("trouble", ["refused", "down"])
async def test_an_established_bot_comes_back_after_handshakes_were_turned_away(pond: Pond, trouble: str) -> None:
    if trouble == "refused":
        pond.discord.gateway.refuse(1)
        pond.discord.gateway.drop()
    else:
        pond.discord.gateway.down()
        await pond.discord.until(lambda: pond.discord.gateway.refused)
        pond.discord.gateway.up()
    await pond.alice.says(pond.channel, "still there?")
    await pond.discord.until(lambda: pond.bot.received, timeout=15)
    assert pond.bot.received[0].content == "still there?"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (4004, discord.ConnectionClosed),
        (4013, discord.ConnectionClosed),
        (4014, discord.PrivilegedIntentsRequired),
    ],
)
async def test_some_ends_are_final(pond: Pond, code: int, error: type[Exception]) -> None:
    pond.discord.gateway.close(code)
    assert pond.bot.living is not None
    with pytest.raises(error):
        await asyncio.wait_for(pond.bot.living, timeout=5)


async def test_without_the_switch_in_the_portal_the_intent_is_refused(loopback: Discord) -> None:
    loopback.message_content = False
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(loopback):
            pass
    loopback.check_clean()


async def test_without_the_intent_messages_come_empty_unless_they_name_the_bot(loopback: Discord) -> None:
    loopback.message_content = False
    alice = loopback.person("alice")
    channel = loopback.channel("pond", members=[alice])
    quiet = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    async with running(loopback, Bot(intents=quiet)) as bot:
        said = [await alice.says(channel, "secret", files={"a.txt": b"x"}), await alice.mentions(channel, "open")]
        said.append(await alice.dms("private"))
        await loopback.until(lambda: len(bot.received) == 3)
        assert [bool(m.content) for m in bot.received] == [False, True, True]
        assert bot.received[0].attachments == []
        fetched = await bot.at(channel).fetch_message(int(said[0].id))
        assert (fetched.content, fetched.attachments) == ("", [])
    loopback.check_clean()


async def test_a_bot_hears_only_what_it_asked_for_and_sees(loopback: Discord) -> None:
    alice = loopback.person("alice")
    pond, hidden = loopback.channel("pond", members=[alice]), loopback.channel("hidden", with_bot=False)
    deaf = discord.Intents(guilds=True, dm_messages=True)
    async with running(loopback, Bot(intents=deaf)) as bot:
        for place in (pond, hidden, alice.dm):
            await alice.says(place, "hello")
        await loopback.until(lambda: bot.received)
        assert [m.guild for m in bot.received] == [None]
    async with running(loopback, Bot(intents=INTENTS)) as bot:
        await alice.says(hidden, "hello")
        await alice.says(pond, "hello")
        await loopback.until(lambda: bot.received)
        assert [m.channel.id for m in bot.received] == [int(pond.id)]


async def test_servers_go_and_come(pond: Pond) -> None:
    told: list[str] = []
    for name in ("guild_remove", "guild_unavailable", "guild_available", "guild_join"):
        setattr(pond.bot, f"on_{name}", _noting(told, name, pond))
    pond.discord.outage(pond.discord.home)
    pond.discord.recover(pond.discord.home)
    pond.discord.guild("Lake")
    pond.discord.uninstall(pond.discord.home)
    await pond.discord.until(lambda: len(told) == 4)
    assert told == ["guild_unavailable", "guild_available", "guild_join", "guild_remove"]
    with pytest.raises(discord.Forbidden):
        await pond.bot.at(pond.channel).send("gone")


def _noting(told: list[str], name: str, pond: Pond) -> Any:
    async def note(guild: discord.Guild) -> None:
        told.append(name)
        pond.discord.pulse.beat()

    note.__name__ = f"on_{name}"
    return note


async def test_events_may_be_held_turned_around_and_doubled(pond: Pond) -> None:
    gateway = pond.discord.gateway
    gateway.hold()
    for text in ("one", "two"):
        await pond.alice.says(pond.channel, text)
    assert len(gateway.held) == 2
    gateway.release(backwards=True)
    gateway.copies = 2
    await pond.alice.says(pond.channel, "three")
    assert [m.content for m in await pond.heard(4)] == ["two", "one", "three", "three"]
    gateway.again(gateway.sent[-1])
    await pond.heard(5)


async def test_a_server_that_is_held_back_is_unavailable_until_then(loopback: Discord) -> None:
    loopback.gateway.hold("GUILD_CREATE")
    async with running(loopback, Bot(guild_ready_timeout=0.05)) as bot:
        assert [guild.unavailable for guild in bot.guilds] == [True]
        loopback.gateway.release()
        await loopback.until(lambda: "GUILD_CREATE" in bot.events)
        assert [guild.unavailable for guild in bot.guilds] == [False]


async def test_a_new_process_is_told_nothing_of_an_old_ones_session(loopback: Discord) -> None:
    alice = loopback.person("alice")
    pond = loopback.channel("pond", members=[alice])
    point_at(loopback)
    async with running(loopback) as first:
        first.ws.socket._response.close()  # the process is gone: nobody says good-bye
        await loopback.until(lambda: not loopback.gateway.connected)
        await alice.says(pond, "while nobody was there")
        async with running(loopback) as second:
            await alice.says(pond, "now")
            await loopback.until(lambda: second.received)
            assert [m.content for m in second.received] == ["now"]
