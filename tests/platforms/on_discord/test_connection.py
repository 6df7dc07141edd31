"""Connecting, staying connected, saying so when it is not, and leaving."""

import asyncio

import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.errors import PlatformUnavailable
from runtime.records import UserRef
from tests.fakes.discord import Discord
from tests.fakes.discord.sessions import RESUME
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.mistake(7)
async def test_a_gateway_that_is_down_at_first_is_waited_for(discord: Discord, door: RecordingDoor) -> None:
    discord.gateway.down()

    async with started(discord, door, connect_patience=0.05) as platform:
        await _unhealthy(platform, containing="cannot be reached")
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


async def _healthy(platform: DiscordPlatform, *, wanted: bool = True, containing: str = "") -> None:
    """The health has no event to wait for: it is what a probe asks again and again."""
    async with asyncio.timeout(5):
        while platform.health().ok is not wanted or containing not in platform.health().words:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.02)


async def _unhealthy(platform: DiscordPlatform, *, containing: str) -> None:
    await _healthy(platform, wanted=False, containing=containing)
