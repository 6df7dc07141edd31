"""A question that was asked in a thread, and one in a direct message."""

import pytest

from tests.fakes.discord import Discord, Person
from tests.platforms.on_discord.streams.asked import Asked


@pytest.fixture
async def asked(discord: Discord, alice: Person) -> Asked:
    pond = discord.channel("pond", members=[alice])
    return Asked(discord, alice, pond, await alice.mentions(pond, "how large is the pond?"), "answer-3")


@pytest.fixture
async def dm(discord: Discord, alice: Person) -> Asked:
    return Asked(discord, alice, alice.dm, await alice.dms("how large is the pond?"), "answer-4")
