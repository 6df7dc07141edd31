"""Limits and places that cannot be read are waited for, and hide no other place."""

from datetime import UTC, datetime

import pytest

from bots.discord import DiscordPlatform
from runtime.errors import PlatformUnavailable
from tests.fakes.discord import Channel, Discord, Permission, Person
from tests.platforms.on_discord.catch_up.away import READ, Away, seen
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.mistake(23)
async def test_rate_limits_are_waited_out(discord: Discord, away: Away, alice: Person) -> None:
    old = await alice.dms("handled")
    await alice.dms("missed")
    discord.rate_limit(READ, retry_after=0.01)

    assert [message.text for message in await away.back(seen(alice.dm, old))] == ["missed"]
    assert len(discord.record.calls_of(READ)) >= 2


async def test_a_channel_that_cannot_be_read_does_not_hide_the_others(
    discord: Discord, away: Away, alice: Person, pond: Channel
) -> None:
    secret = discord.channel("secret", members=[alice])
    discord.deny(secret, discord.bot.id, Permission.READ_MESSAGE_HISTORY)
    old, old_dm = await alice.mentions(pond, "handled"), await alice.dms("handled")
    await alice.mentions(pond, "lost")
    await alice.mentions(secret, "lost as well")
    await alice.dms("missed")
    discord.fail(READ, 50001, when=lambda call: call["channel"] == pond.id)

    heard = await away.back(seen(pond, old), seen(alice.dm, old_dm))

    assert [message.text for message in heard] == ["missed"]
    assert not discord.record.calls_of(READ, channel=secret.id)


@pytest.mark.mistake(23)
async def test_a_server_that_discord_cannot_reach_is_read_later_and_hides_no_other(
    discord: Discord, door: RecordingDoor, alice: Person, pond: Channel
) -> None:
    lake = discord.channel("lake", members=[alice], guild=discord.guild("Lake", members=[alice]))
    old = await alice.mentions(pond, "handled")
    await alice.mentions(pond, "in the pond")
    await alice.mentions(lake, "in the lake")
    discord.outage(discord.home)
    heard: list[str] = []

    async def read(platform: DiscordPlatform) -> None:
        async for message in platform.catch_up((seen(pond, old),), datetime.now(UTC)):
            heard.append(message.text)

    async with started(discord, door) as platform:
        with pytest.raises(PlatformUnavailable):
            await read(platform)
        assert heard == ["in the lake"]

        discord.recover(discord.home)
        await alice.mentions(pond, "just now")
        await door.heard()  # so the server is known to be back
        await read(platform)

    assert sorted(set(heard)) == ["in the lake", "in the pond", "just now"]
