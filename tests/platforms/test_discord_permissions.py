"""What the loopback Discord lets a bot read, and to whom it lets it write."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.discord import Channel, Discord, Permission, Person
from tests.fakes.discord.rawclient import Raw, raw_client

Json = dict[str, Any]
SILENT: Json = {"allowed_mentions": {"parse": []}}


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as discord:
        yield discord


@pytest.fixture
async def raw(discord: Discord) -> AsyncIterator[Raw]:
    async with raw_client(discord) as raw:
        yield raw


@pytest.fixture
def alice(discord: Discord) -> Person:
    return discord.person("alice")


@pytest.fixture
def pond(discord: Discord, alice: Person) -> Channel:
    return discord.channel("pond", members=[alice])


async def test_whom_a_bot_may_write_to(raw: Raw, discord: Discord, alice: Person, pond: Channel) -> None:
    shut, stranger, robot = discord.person("shut"), discord.person("stranger"), discord.other_bot("robot")
    shut.joins(discord.home)
    shut.closes_dms()
    robot.joins(discord.home)
    codes = []
    for person in (alice, shut, stranger, robot):
        _, opened = await raw.call("POST", "/users/@me/channels", {"recipient_id": person.id})
        status, answer = await raw.call("POST", f"/channels/{opened['id']}/messages", {"content": "hi", **SILENT})
        codes.append(answer["code"] if status >= 400 else status)
    assert codes == [200, 50007, 50007, 50007]
    assert await raw.refused("POST", "/users/@me/channels", {"recipient_id": "404"}) == 10013
    discord.check_clean()
    assert await raw.refused("POST", "/users/@me/channels", {"recipient_id": "alice"}) == 50035
    assert len(discord.record.violations) == 1


async def test_without_the_history_nothing_is_read_and_nothing_replied_to(
    raw: Raw, discord: Discord, alice: Person, pond: Channel
) -> None:
    said = await alice.says(pond, "long ago")
    there = f"/channels/{pond.id}/messages"
    reply = {"content": "what?", "message_reference": {"message_id": said.id}, **SILENT}
    assert (await raw.call("POST", there, reply))[1]["referenced_message"]["content"] == "long ago"
    discord.deny(pond, discord.bot.id, Permission.READ_MESSAGE_HISTORY)
    assert (await raw.call("GET", there)) == (200, [])
    assert await raw.refused("GET", f"{there}/{said.id}") == 50001
    assert await raw.refused("POST", there, reply) == 50013
    discord.allow(pond, discord.bot.id, Permission.READ_MESSAGE_HISTORY)
    assert len((await raw.call("GET", there))[1]) == 2
    discord.check_clean()


async def test_roles_overwrites_and_owners_make_what_somebody_may(
    discord: Discord, alice: Person, pond: Channel
) -> None:
    def may(person: Person) -> bool:
        return discord.state.may(pond, person.id, Permission.SEND_MESSAGES)

    home = discord.home
    assert may(alice)
    discord.deny(pond, home.id, Permission.SEND_MESSAGES)  # the role of everyone
    assert (may(alice), may(discord.owner)) == (False, True)
    discord.allow(pond, home.role_of(discord.bot.id).id, Permission.SEND_MESSAGES)
    assert discord.state.may(pond, discord.bot.id, Permission.SEND_MESSAGES)
    discord.allow(pond, alice.id, Permission.SEND_MESSAGES)
    assert may(alice)
    discord.deny(pond, alice.id, Permission.VIEW_CHANNEL)  # who sees nothing may nothing
    assert not may(alice)
    home.roles[home.id].permissions |= Permission.ADMINISTRATOR
    assert may(alice)
    with pytest.raises(AssertionError, match="may not speak"):
        await discord.person("stranger").says(pond, "hello")
