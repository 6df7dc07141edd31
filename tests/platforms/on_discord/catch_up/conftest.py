"""Mallard is away, and alice and bob are in the pond."""

import pytest

from tests.fakes.discord import Channel, Discord, Person
from tests.platforms.on_discord.catch_up.away import Away
from tests.platforms.recording import RecordingDoor


@pytest.fixture
def away(discord: Discord, door: RecordingDoor) -> Away:
    return Away(discord, door)


@pytest.fixture
def pond(discord: Discord, alice: Person, bob: Person) -> Channel:
    return discord.channel("pond", members=[alice, bob])
