"""A start without trouble is silent, one with trouble says what to do, and none tells the token."""

import asyncio
import contextlib
import itertools
import logging
import subprocess
import sys

import discord as library
import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.errors import SettingsError
from runtime.records import ConversationRef
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import LoopbackClock, quick, started
from tests.platforms.recording import RecordingDoor


def test_importing_the_adapter_does_not_load_the_library() -> None:
    code = "import sys, bots.discord; print([m for m in sys.modules if m.split('.')[0] in ('discord', 'aiohttp')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


@pytest.mark.mistake(7)
async def test_a_token_that_discord_refuses_stops_the_start_with_advice(discord: Discord, door: RecordingDoor) -> None:
    discord.fail("GET /users/@me", 0, status=401)

    with pytest.raises(SettingsError, match=r"MALLARD_DISCORD_TOKEN: .*Reset Token") as caught:
        async with started(discord, door):
            pass

    assert "\n" not in str(caught.value)
    assert not discord.gateway.sessions.begun


@pytest.mark.mistake(5)
@pytest.mark.mistake(7)
async def test_a_discord_that_is_away_at_start_stops_it_with_one_clear_line(
    discord: Discord, door: RecordingDoor
) -> None:
    discord.fail("GET /users/@me", status=503, times=None)
    with pytest.raises(SettingsError, match="start again"):
        async with started(discord, door):
            pass
    with pytest.raises(SettingsError, match="cannot be reached"):
        async with started(discord, door, api_url="http://127.0.0.1:9/api/v10"):
            pass


@pytest.mark.mistake(7)
async def test_a_discord_that_wants_patience_at_start_is_waited_for(discord: Discord, door: RecordingDoor) -> None:
    limited = discord.rate_limit("GET /users/@me", retry_after=0.1, is_global=True)

    async with started(discord, door):
        pass

    assert len(limited.hits) == 1


@pytest.mark.mistake(7)
async def test_a_discord_that_wants_too_much_patience_at_start_stops_it(discord: Discord, door: RecordingDoor) -> None:
    discord.rate_limit("GET /users/@me", retry_after=3_600)

    with pytest.raises(SettingsError, match=r"\(429\).*start again"):
        async with started(discord, door):
            pass


@pytest.mark.mistake(7)
async def test_what_cannot_be_helped_at_start_stops_it(discord: Discord, door: RecordingDoor) -> None:
    discord.gateway.on_identify = lambda: discord.gateway.close(4014)
    with pytest.raises(SettingsError, match="Message Content Intent"):
        async with asyncio.timeout(10), started(discord, door, connect_patience=60.0):
            pass


@pytest.mark.mistake(7)
async def test_what_ends_as_soon_as_it_began_is_closed_once_and_whole(discord: Discord, door: RecordingDoor) -> None:
    def close_soon() -> None:
        asyncio.get_running_loop().call_soon(discord.gateway.close, 4014)

    discord.gateway.on_identify = close_soon
    platform = DiscordPlatform(quick(discord), LoopbackClock(discord))

    with contextlib.suppress(SettingsError):  # or it is told a moment later, by its health
        await platform.start(door)
    await platform.stop()

    assert "Message Content Intent" in platform.health().words
    assert not discord.gateway.sockets


async def test_the_intent_is_asked_for_where_it_is_granted_and_missed_in_words_where_it_is_not(
    discord: Discord, door: RecordingDoor, caplog: pytest.LogCaptureFixture
) -> None:
    async with started(discord, door) as platform:
        assert [session.intents for session in discord.gateway.sessions.attached] == [37377]
        assert platform.health().words == "Discord: connected"

    discord.state.message_content = False
    async with started(discord, door) as platform:
        assert [session.intents for session in discord.gateway.sessions.attached] == [4609]
        assert platform.health().ok
        assert "Privileged Gateway Intents → Message Content Intent" in platform.health().words
    assert "Message Content Intent" in caplog.text

    async with started(discord, door, message_content=False) as platform:
        assert platform.health().words == "Discord: connected"


async def test_a_start_without_trouble_warns_of_nothing(
    discord: Discord, door: RecordingDoor, caplog: pytest.LogCaptureFixture
) -> None:
    library.VoiceClient.warn_nacl = library.VoiceClient.warn_dave = True  # as in a process that has not started one yet

    with caplog.at_level(logging.WARNING):
        async with started(discord, door):
            assert caplog.messages == []


@pytest.mark.mistake(33)
async def test_no_token_is_ever_logged(discord: Discord, door: RecordingDoor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    discord.gateway.refuse(1)
    async with started(discord, door, connect_patience=0.05) as platform:
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("discord")]:
            caplog.set_level(logging.DEBUG, logger=name)
        await discord.connected()
        alice = discord.person("alice")
        alice.joins(discord.home)
        await discord.until(lambda: discord.state.commands.get(None))
        discord.fail("PATCH /webhooks/{application}/{token}/messages/{message}", status=500)
        discord.rate_limit("POST /channels/{channel}/messages", retry_after=0.01)
        await alice.slash("history")
        await discord.ephemeral(alice, contains="History", timeout=10)
        where = ConversationRef(platform="discord", channel=alice.dm.id)
        await platform.post(where, Text(markdown="hello"), key="1")

    everything = caplog.text + repr(quick(discord))
    assert "webhooks/***" in everything
    assert discord.token not in everything
    assert not any(interaction.token in everything for interaction in discord.interactions.all)


@pytest.mark.mistake(7)
async def test_a_login_that_is_never_answered_is_tried_again(discord: Discord, door: RecordingDoor) -> None:
    """Of itself the library waits five minutes."""
    asked = itertools.count(1)
    discord.hold("GET /users/@me", when=lambda _: next(asked) == 2)  # we ask who we are, then the library logs in

    async with started(discord, door, connect_patience=0.0, request_timeout=0.5) as platform:
        await discord.connected(timeout=10)
        await discord.person("alice").dms("are you there?")

        assert (await door.heard()).text == "are you there?"
        assert platform.health().ok


@pytest.mark.mistake(30)
async def test_commands_that_discord_did_not_take_are_told_again_while_the_connection_stands(
    discord: Discord, door: RecordingDoor
) -> None:
    discord.fail("GET /applications/{application}/commands", status=503)

    async with started(discord, door):
        await discord.called("PUT /applications/{application}/commands", timeout=10)
        assert discord.gateway.sessions.begun == 1
