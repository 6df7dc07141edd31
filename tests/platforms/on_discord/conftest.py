"""A started DiscordPlatform against the loopback Discord, with a recording door behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from bots.discord import DiscordPlatform, DiscordSettings
from runtime.records import ConversationRef
from tests.fakes.capture import capture_for
from tests.fakes.discord import Channel, Discord, Message, Person
from tests.platforms.on_discord.scenes import Scene
from tests.platforms.recording import RecordingDoor


class LoopbackClock:
    """The loopback's time for everybody."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._discord.clock.now(), tz=UTC)

    def advance(self, seconds: float) -> None:
        self._discord.clock.advance(seconds)


def quick(discord: Discord, **changes: Any) -> DiscordSettings:
    """Settings for a Discord that answers at once."""
    settings: dict[str, Any] = {
        "token": discord.token,
        "api_url": discord.api_url,
        "request_timeout": 2.0,
        "stop_patience": 2.0,
        "ready_timeout": 0.02,
        "flush_interval": 0.01,
    }
    return DiscordSettings(**(settings | changes))


@asynccontextmanager
async def started(discord: Discord, door: RecordingDoor, **changes: Any) -> AsyncIterator[DiscordPlatform]:
    platform = DiscordPlatform(quick(discord, **changes), LoopbackClock(discord))
    await platform.start(door)
    try:
        yield platform
    finally:
        await platform.stop()


@pytest.fixture
async def discord(request: pytest.FixtureRequest) -> AsyncIterator[Discord]:
    """A Discord that was treated as a careful app treats it, or the test fails."""
    async with Discord(capture=capture_for(request.config, "discord")) as loopback:
        yield loopback
        loopback.check_clean()


@pytest.fixture
def alice(discord: Discord) -> Person:
    alice = discord.person("alice")
    alice.joins(discord.home)
    return alice


@pytest.fixture
def bob(discord: Discord) -> Person:
    bob = discord.person("bob")
    bob.joins(discord.home)
    return bob


@pytest.fixture
def door() -> RecordingDoor:
    return RecordingDoor()


@pytest.fixture
async def platform(discord: Discord, door: RecordingDoor) -> AsyncIterator[DiscordPlatform]:
    async with started(discord, door) as running:
        await discord.called("GET /applications/{application}/commands")  # once all that is there is known
        yield running


@pytest.fixture
def pond(discord: Discord, alice: Person) -> Channel:
    return discord.channel("pond", members=[alice])


@pytest.fixture
async def asked(alice: Person, platform: DiscordPlatform, door: RecordingDoor, pond: Channel) -> Message:
    """A request that this process has heard."""
    message = await alice.mentions(pond, "how large is the pond?")
    await door.heard()
    return message


def place(discord: Discord, channel: Channel, message: Message | Channel | None = None) -> ConversationRef:
    """The conversation in a channel, or in the thread on a message of it."""
    thread = message.id if message is not None else ""
    return ConversationRef(platform="discord", space=channel.guild or "", channel=channel.id, thread=thread)


@pytest.fixture
def scene(discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> Scene:
    return Scene(discord, platform, door)
