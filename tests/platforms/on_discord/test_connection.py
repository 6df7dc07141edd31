"""Connecting, staying connected, saying so when it is not, and leaving."""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import threading

import discord as library
import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.errors import PlatformUnavailable, SettingsError
from runtime.records import ConversationRef, UserRef
from tests.fakes.discord import Discord
from tests.fakes.discord.sessions import RESUME
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
async def test_a_gateway_that_is_down_at_first_is_waited_for(discord: Discord, door: RecordingDoor) -> None:
    discord.gateway.down()

    async with started(discord, door, connect_patience=0.05) as platform:
        assert not platform.health().ok
        assert "cannot be reached" in platform.health().words or "trying again" in platform.health().words
        discord.gateway.up()
        await discord.connected()
        await discord.person("alice").dms("are you there?")
        assert (await door.heard()).text == "are you there?"
        await _healthy(platform)


@pytest.mark.mistake(7)
@pytest.mark.parametrize(
    ("code", "words"), [(4004, "Reset Token"), (4013, "intents"), (4014, "Message Content Intent")]
)
async def test_what_trying_again_cannot_help_ends_it_with_advice(
    discord: Discord, door: RecordingDoor, code: int, words: str
) -> None:
    async with started(discord, door) as platform:
        discord.gateway.close(code)
        await _unhealthy(platform, containing=words)

        sessions = discord.gateway.sessions.begun
        with pytest.raises(PlatformUnavailable, match=words):
            await platform.direct_message(UserRef(platform="discord", id=discord.person("alice").id))
        assert discord.gateway.sessions.begun == sessions


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


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "op 9"])
async def test_a_connection_that_breaks_is_resumed_and_nothing_is_lost(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor, trouble: str
) -> None:
    alice = discord.person("alice")
    match trouble:
        case "drop":
            discord.gateway.drop()
        case "reconnect":
            discord.gateway.reconnect()
        case _:
            discord.gateway.invalidate(resumable=True)
    await alice.dms("still there?")

    assert (await door.heard()).text == "still there?"
    assert discord.gateway.sessions.begun == 1
    assert not door.missed
    await _healthy(platform)


@pytest.mark.mistake(7)
async def test_a_connection_that_breaks_before_its_first_session_began_is_begun_anew(
    discord: Discord, door: RecordingDoor
) -> None:
    _break_at_next_identify(discord)

    async with started(discord, door):
        await discord.person("alice").dms("still there?")

        assert (await door.heard()).text == "still there?"
    assert discord.gateway.sessions.begun == 2
    assert RESUME not in discord.gateway.ops


@pytest.mark.mistake(7)
@pytest.mark.mistake(23)
async def test_a_connection_that_breaks_between_two_sessions_is_begun_anew_and_nothing_is_lost(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    _break_at_next_identify(discord)
    discord.gateway.invalidate(resumable=False)
    await alice.mentions(pond, "still there?")

    await discord.until(lambda: discord.gateway.sessions.begun == 3, timeout=20)

    assert (await door.heard()).text == "still there?"
    assert RESUME not in discord.gateway.ops
    await _healthy(platform)


def _break_at_next_identify(discord: Discord) -> None:
    heard = discord.gateway.on_identify

    def cut() -> None:
        discord.gateway.on_identify = heard
        discord.gateway.drop()

    discord.gateway.on_identify = cut


@pytest.mark.mistake(6)
async def test_a_connection_that_says_nothing_any_more_is_replaced(discord: Discord, door: RecordingDoor) -> None:
    discord.gateway.heartbeat_interval = 0.1
    async with started(discord, door, heartbeat_timeout=0.5):
        (zombie,) = discord.gateway.sockets
        discord.gateway.mute_acks()
        await discord.until(lambda: zombie not in discord.gateway.sockets, timeout=10)
        discord.gateway.acking = True
        await discord.person("alice").dms("still there?")
        assert (await door.heard()).text == "still there?"


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_was_said_between_two_sessions_is_read_afterwards(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    pond = discord.channel("pond", members=[alice, bob])
    await alice.dms("before")
    asked = await bob.mentions(pond, "a question")
    await door.heard(2)
    await platform.post(door.received[1].where, Text(markdown="an answer"), key="k1")

    discord.gateway.invalidate(resumable=False)
    await discord.until(lambda: not discord.gateway.sessions.attached)
    await alice.dms("in between")
    await bob.mentions(pond, "in between, in a channel")
    await bob.says(pond, "in between, in a thread", thread=asked)
    assert len(discord.gateway.lost) == 3
    await discord.connected(timeout=10)
    await door.until(lambda: len(door.missed) >= 3 and not door.catching_up)
    await alice.dms("afterwards")
    await door.until(lambda: door.received[-1].text == "afterwards")

    told = [message.text for message in door.missed]
    assert {text for text in told if text.startswith("in between")} == {
        "in between",
        "in between, in a channel",
        "in between, in a thread",
    }
    assert len(told) == len({message.id for message in door.missed})


@pytest.mark.mistake(23)
async def test_a_gap_that_cannot_be_read_at_once_is_read_later_and_live_messages_leave_the_bound(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    await alice.dms("before")
    await door.heard()
    reading = discord.hold("GET /channels/{channel}/messages")
    discord.gateway.invalidate(resumable=False)
    await discord.until(lambda: not discord.gateway.sessions.attached)
    await alice.dms("in between")
    await reading.arrived(timeout=10)

    assert door.catching_up == 1
    await discord.person("bob").dms("live")
    await door.until(lambda: any(message.text == "live" for message in door.received))
    assert not door.missed

    reading.release()
    await door.until(lambda: not door.catching_up)
    assert "in between" in [message.text for message in door.missed]


@pytest.mark.mistake(32)
async def test_a_server_that_sends_us_away_is_refused_and_all_else_goes_on(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor, caplog: pytest.LogCaptureFixture
) -> None:
    alice = discord.person("alice")
    other = discord.guild("other", members=[alice])
    far = discord.channel("far", members=[alice], guild=other)
    await alice.mentions(far, "hello")
    await door.heard()
    discord.outage(discord.home)
    discord.uninstall(other)
    await alice.dms("still there?")
    await door.heard(2)

    assert [record.message for record in caplog.records if "removed from the server" in record.message] == [
        f"Discord: we were removed from the server other ({other.id}); what is owed there stays unsaid"
    ]
    assert platform.health().ok


@pytest.mark.promise(33)
async def test_stopping_lets_what_is_being_committed_finish_and_leaves_nothing_running(
    discord: Discord, door: RecordingDoor
) -> None:
    async with started(discord, door) as platform:
        door.gate.clear()
        await discord.person("alice").dms("hello")
        await door.until(lambda: door.asked)
        stopping = asyncio.create_task(platform.stop())
        await asyncio.sleep(0)
        door.gate.set()
        await stopping
    assert [message.text for message in door.received] == ["hello"]
    await discord.until(lambda: not discord.gateway.sockets)
    await asyncio.sleep(0)

    ours = [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("discord")]
    assert ours == []
    for thread in threading.enumerate():
        if "keep-alive" in thread.name:
            await asyncio.to_thread(thread.join, 2)
            assert not thread.is_alive()


@pytest.mark.promise(24)
async def test_what_arrives_while_it_stops_is_left_for_the_next_start(discord: Discord, door: RecordingDoor) -> None:
    alice = discord.person("alice")
    async with started(discord, door) as platform:
        door.gate.clear()
        await alice.dms("first")
        await door.until(lambda: door.asked)
        stopping = asyncio.create_task(platform.stop())
        await asyncio.sleep(0)  # its first step is to take nothing more
        second = await alice.dms("second")
        await asyncio.sleep(0.05)
        door.gate.set()
        await stopping

    assert [message.text for message in door.received] == ["first"]
    assert second.id not in {message.id for message in door.received}


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_process_that_was_killed_leaves_nothing_for_the_next_one_to_stumble_over(
    discord: Discord, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    killed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-c",
        _ANOTHER_PROCESS,
        discord.api_url,
        discord.token,
        os.getcwd(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"connected\n"
    await alice.dms("before")
    assert await killed.stdout.readline() == b"before\n"
    killed.kill()
    await killed.wait()
    await discord.until(lambda: not discord.gateway.sockets)

    async with started(discord, door):
        await alice.dms("after")
        await door.heard()
        await alice.dms("and on")
        await door.heard(2)
        await discord.until(lambda: discord.state.commands.get(None))
        assert (await alice.slash("help")).acked

    assert [message.text for message in door.received] == ["after", "and on"]


_ANOTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
sys.path.insert(0, sys.argv[3])
from bots.discord import DiscordPlatform, DiscordSettings
from tests.platforms.recording import RecordingDoor

class Clock:
    def now(self):
        return datetime.now(UTC)

async def main():
    door = RecordingDoor()
    settings = DiscordSettings(api_url=sys.argv[1], token=sys.argv[2], ready_timeout=0.02)
    await DiscordPlatform(settings, Clock()).start(door)
    print("connected", flush=True)
    print((await door.heard()).text, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_before_the_start_and_after_the_end_nothing_can_be_posted(discord: Discord, door: RecordingDoor) -> None:
    platform = DiscordPlatform(quick(discord), LoopbackClock(discord))
    alice = UserRef(platform="discord", id=discord.person("alice").id)

    assert not platform.health().ok
    with pytest.raises(PlatformUnavailable):
        await platform.direct_message(alice)
    await platform.start(door)
    await platform.direct_message(alice)
    await platform.stop()
    assert not platform.health().ok
    with pytest.raises(PlatformUnavailable):
        await platform.direct_message(alice)


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


async def _healthy(platform: DiscordPlatform, *, wanted: bool = True, containing: str = "") -> None:
    """The health has no event to wait for: it is what a probe asks again and again."""
    async with asyncio.timeout(5):
        while platform.health().ok is not wanted or containing not in platform.health().words:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.02)


async def _unhealthy(platform: DiscordPlatform, *, containing: str) -> None:
    await _healthy(platform, wanted=False, containing=containing)
