"""What the loopback's gateway takes from a client, frame by frame, and with which code it hangs up otherwise."""

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from tests.fakes.discord import Discord
from tests.fakes.discord.rawgateway import PROPERTIES, RawGateway, raw_gateway

Json = dict[str, Any]
HELLO, HEARTBEAT_ACK, INVALID, RECONNECT = 10, 11, 9, 7


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as discord:
        yield discord


@pytest.fixture
async def line(discord: Discord) -> AsyncIterator[RawGateway]:
    async with raw_gateway(discord) as line:
        assert (await line.hears())["op"] == HELLO
        yield line


async def began(line: RawGateway, **changes: Any) -> str:
    """A session; its id."""
    await line.identifies(**changes)
    ready = await line.hears_event("READY")
    await line.hears_event("GUILD_CREATE")
    return str(ready["d"]["session_id"])


@pytest.mark.parametrize(
    ("speech", "code"),
    [
        (lambda line: line.says_text("quack"), 4002),
        (lambda line: line.says_text("[]"), 4002),
        (lambda line: line.says(99), 4001),
        (lambda line: line.says(3, {}), 4003),
        (lambda line: line.says(1, "soon"), 4002),
        (lambda line: line.says(2, {"token": "t"}), 4002),
        (lambda line: line.identifies(colour="green"), 4002),
        (lambda line: line.identifies(intents="all"), 4002),
        (lambda line: line.identifies(properties={"os": "linux"}), 4002),
        (lambda line: line.identifies(large_threshold=251), 4002),
        (lambda line: line.identifies(shard=[0]), 4002),
        (lambda line: line.identifies(compress="yes"), 4002),
        (lambda line: line.identifies(intents=1 << 30), 4013),
        (lambda line: line.resumes("s", -1), 4002),
    ],
)
async def test_a_wrong_frame_ends_the_connection_and_is_a_violation(
    discord: Discord, line: RawGateway, speech: Callable[[RawGateway], Awaitable[None]], code: int
) -> None:
    await speech(line)
    assert await line.ends() == code
    assert [violation.error for violation in discord.record.violations] == [str(code)]


@pytest.mark.parametrize(
    ("changes", "code"), [({"token": "wrong"}, 4004), ({"intents": 1 << 1}, 4014), ({"intents": 1 << 8}, 4014)]
)
async def test_what_the_portal_does_not_grant_is_no_violation(
    discord: Discord, line: RawGateway, changes: Json, code: int
) -> None:
    await line.identifies(**changes)
    assert await line.ends() == code
    discord.check_clean()


@pytest.mark.parametrize("query", ["", "?v=9&encoding=json", "?v=10&encoding=etf"])
async def test_only_version_ten_in_json_is_spoken(discord: Discord, query: str) -> None:
    async with raw_gateway(discord, query) as line:
        assert await line.ends() == 4012
    assert len(discord.record.violations) == 1


async def test_one_identifies_once(discord: Discord, line: RawGateway) -> None:
    await began(line)
    await line.identifies()
    assert await line.ends() == 4005


async def test_a_thousand_sessions_a_day_are_enough(discord: Discord, line: RawGateway) -> None:
    discord.gateway.sessions.begun = 1000
    await line.identifies()
    assert await line.ends() == 4004


async def test_a_hundred_and_twenty_frames_a_minute_are_enough(discord: Discord, line: RawGateway) -> None:
    for _ in range(120):
        await line.says(1, None)
    assert len(discord.gateway.closed) == 0
    await line.says(1, None)
    assert await line.ends() == 4008


async def test_a_heartbeat_is_answered_and_names_what_was_heard(discord: Discord, line: RawGateway) -> None:
    await line.says(1, None)
    assert (await line.hears())["op"] == HEARTBEAT_ACK
    await began(line)
    await line.says(1, 2)
    assert (await line.hears())["op"] == HEARTBEAT_ACK
    await line.says(1, 3)
    assert await line.ends() == 4007


async def test_a_lost_session_is_told_again_from_where_it_was_heard(discord: Discord) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    async with raw_gateway(discord) as line:
        session = await began(line)
        await line.leaves(4000)
    await alice.says(pond, "one")
    await alice.says(pond, "two")
    async with raw_gateway(discord) as line:
        await line.resumes(session, 3)
        told = [await line.hears() for _ in range(3)][1:]
        assert [(frame["s"], frame["t"]) for frame in told] == [(4, "MESSAGE_CREATE"), (5, "RESUMED")]
    discord.check_clean()


@pytest.mark.parametrize("code", [1000, 1001])
async def test_who_says_good_bye_cannot_come_back(discord: Discord, code: int) -> None:
    async with raw_gateway(discord) as line:
        session = await began(line)
        await line.leaves(code)
    await discord.until(lambda: not discord.gateway.connected)
    await _cannot_resume(discord, session, 2)


@pytest.mark.parametrize(("session", "sequence"), [("unknown", 2), ("", 99)])
async def test_what_never_was_cannot_be_resumed(discord: Discord, session: str, sequence: int) -> None:
    async with raw_gateway(discord) as line:
        mine = await began(line)
        await line.leaves(4000)
    await _cannot_resume(discord, session or mine, sequence)


async def _cannot_resume(discord: Discord, session: str, sequence: int) -> None:
    async with raw_gateway(discord) as line:
        await line.hears()
        await line.resumes(session, sequence)
        assert await line.hears() == {"op": INVALID, "d": False}
        await began(line)
    discord.check_clean()


async def test_a_session_has_one_connection(discord: Discord, line: RawGateway) -> None:
    session = await began(line)
    async with raw_gateway(discord) as other:
        await other.resumes(session, 2)
        await other.hears_event("RESUMED")
        assert await line.ends() == 4000
        assert len(discord.gateway.sessions.attached) == 1
        await other.resumes(session, 2, token="wrong")
        assert await other.ends() == 4004


async def test_everything_is_one_compressed_stream_when_asked(discord: Discord) -> None:
    inflate = zlib.decompressobj()
    query = "?v=10&encoding=json&compress=zlib-stream"
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{discord.gateway_url}{query}") as line:
        first = await line.receive_bytes()
        assert first.endswith(b"\x00\x00\xff\xff")
        assert inflate.decompress(first).startswith(b'{"op":10')
        identify = {"token": discord.token, "intents": 1, "properties": PROPERTIES}
        await line.send_json({"op": 2, "d": identify})
        assert b'"t":"READY"' in inflate.decompress(await line.receive_bytes())
