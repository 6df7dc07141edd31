"""Commands and threads: what the loopback Discord takes of an app, and what it refuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.discord import Channel, Discord, Message, Permission, Person
from tests.fakes.discord.rawclient import Raw, raw_client

Json = dict[str, Any]
ASK: Json = {"name": "ask", "description": "Ask"}
ABOUT: Json = {"name": "Ask about this", "type": 3}
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


@pytest.fixture
async def asked(alice: Person, pond: Channel) -> Message:
    return await alice.mentions(pond, "hello")


def option(name: str = "request", **more: Any) -> Json:
    return {"type": 3, "name": name, "description": "What", **more}


LONG = [{"name": "n" * 90, "value": f"{number:080}"} for number in range(24)]


@pytest.mark.parametrize(
    "commands",
    [
        {"name": "ask"},
        [{"description": "Ask"}],
        [{"name": "ask"}],
        [{**ASK, "name": "Ask"}],
        [{**ASK, "name": "ask me"}],
        [{**ASK, "name": "a" * 33}],
        [{**ASK, "description": "d" * 101}],
        [{**ASK, "colour": "green"}],
        [{**ASK, "type": 4}],
        [{**ASK, "contexts": [3]}],
        [{**ASK, "integration_types": []}],
        [ASK, ASK],
        [{**ABOUT, "description": "Ask"}],
        [{**ABOUT, "name": str(n)} for n in range(16)],
        [{**ASK, "name": str(n)} for n in range(101)],
        [{**ASK, "options": [option()] * 2}],
        [{**ASK, "options": [option(str(n)) for n in range(26)]}],
        [{**ASK, "options": [option(type=12)]}],
        [{**ASK, "options": [option("Request")]}],
        [{**ASK, "options": [{"type": 3, "name": "request"}]}],
        [{**ASK, "options": [option(max_length=6001)]}],
        [{**ASK, "options": [option(type=1, options=[option("Request")])]}],
        [{**ASK, "options": [option(), option("debug", required=True)]}],
        [{**ASK, "options": [option(choices=[{"name": "a"}])]}],
        [{**ASK, "options": [option(choices=[{"name": str(n), "value": n} for n in range(26)])]}],
        [{**ASK, "options": [option(choices=[{"name": "a", "value": "a"}], autocomplete=True)]}],
        [{**ASK, "options": [option(str(n), choices=LONG) for n in range(2)]}],
    ],
)
async def test_a_malformed_command_is_a_violation(discord: Discord, raw: Raw, commands: Any) -> None:
    assert await raw.refused("PUT", f"/applications/{discord.state.app}/commands", commands) == 50035
    assert len(discord.record.violations) == 1
    assert discord.state.commands == {}


async def test_a_command_keeps_its_id_and_its_version_until_it_changes(discord: Discord, raw: Raw) -> None:
    there = f"/applications/{discord.state.app}/commands"
    _, first = await raw.call("PUT", there, [ASK, ABOUT])
    _, same = await raw.call("PUT", there, [ASK, ABOUT])
    _, other = await raw.call("PUT", there, [{**ASK, "description": "Ask me"}])
    assert first == same == [*first]
    assert (other[0]["id"], other[0]["version"] != first[0]["version"]) == (first[0]["id"], True)
    assert (await raw.call("GET", there))[1] == other
    assert (first[1]["description"], first[1]["contexts"], first[1]["dm_permission"]) == ("", [0, 1], True)
    discord.check_clean()


async def test_commands_belong_to_an_application_and_perhaps_to_a_server(discord: Discord, raw: Raw) -> None:
    here = f"/applications/{discord.state.app}/guilds/{discord.home.id}/commands"
    assert await raw.refused("PUT", "/applications/404/commands", [ASK]) == 20012
    assert await raw.refused("PUT", f"/applications/{discord.state.app}/guilds/404/commands", [ASK]) == 10004
    _, told = await raw.call("PUT", here, [ASK])
    assert (told[0]["guild_id"], (await raw.call("GET", here))[1]) == (discord.home.id, told)
    assert (await raw.call("GET", f"/applications/{discord.state.app}/commands"))[1] == []
    discord.check_clean()


async def test_two_hundred_commands_are_made_in_a_day(discord: Discord, raw: Raw) -> None:
    there = f"/applications/{discord.state.app}/commands"
    for day in range(2):
        await raw.call("PUT", there, [{**ASK, "name": f"a{day}-{n}"} for n in range(100)])
    assert await raw.refused("PUT", there, [{**ASK, "name": "one-more"}]) == 30034
    discord.check_clean()


async def test_people_use_only_the_commands_that_there_are(
    discord: Discord, raw: Raw, pond: Channel, alice: Person
) -> None:
    there = f"/applications/{discord.state.app}/commands"
    await raw.call("PUT", there, [{**ASK, "contexts": [0]}, ABOUT])
    with pytest.raises(AssertionError, match="no command 'history'"):
        await alice.slash("/history", pond)
    with pytest.raises(AssertionError, match="no command 'ask'"):
        await alice.slash("/ask")
    discord.deny(pond, alice.id, Permission.USE_APPLICATION_COMMANDS)
    with pytest.raises(AssertionError, match="may use no commands"):
        await alice.slash("/ask", pond)


# threads


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "n", "auto_archive_duration": 61}, "auto_archive_duration"),
        ({"name": "n", "rate_limit_per_user": -1}, "rate_limit_per_user"),
        ({"name": "n", "type": 11}, "type"),
    ],
)
async def test_a_malformed_thread_is_a_violation(
    discord: Discord, raw: Raw, asked: Message, body: Json, pointer: str
) -> None:
    status, answer = await raw.call("POST", f"/channels/{asked.channel}/messages/{asked.id}/threads", body)
    assert (status, list(answer["errors"])) == (400, [pointer])
    assert discord.thread_of(asked) is None


async def test_a_message_has_one_thread(discord: Discord, raw: Raw, alice: Person, asked: Message) -> None:
    there = f"/channels/{asked.channel}/messages/{asked.id}/threads"
    status, thread = await raw.call("POST", there, {"name": "n", "rate_limit_per_user": None})
    assert (status, thread["id"], thread["member"]["user_id"]) == (200, asked.id, discord.bot.id)
    assert await raw.refused("POST", there, {"name": "n"}) == 160004
    assert (await raw.call("GET", f"/channels/{asked.channel}/messages/{asked.id}"))[1]["thread"]["id"] == asked.id
    assert await raw.refused("GET", f"/channels/{asked.id}/messages/{asked.id}") == 10008
    _, noted = await raw.call("GET", f"/channels/{asked.id}/messages")
    assert [(note["type"], note["content"]) for note in noted] == [(21, "")]
    assert discord.messages(asked.channel, thread=asked) == []
    discord.check_clean()


async def test_where_no_thread_can_be(discord: Discord, raw: Raw, alice: Person, pond: Channel) -> None:
    voice = discord.channel("voice", kind="voice")
    shy = discord.channel("shy")
    discord.deny(shy, discord.bot.id, Permission.CREATE_PUBLIC_THREADS)
    answers = {"dm": 50024, "voice": 50024, "shy": 50013}
    for said in (await alice.dms("hi"), await alice.says(voice, "hi"), await alice.says(shy, "hi")):
        place = discord.state.channels[said.channel].name or "dm"
        assert (
            await raw.refused("POST", f"/channels/{said.channel}/messages/{said.id}/threads", {"name": "n"})
            == answers[place]
        )
    gone = await alice.says(pond, "hi")
    await alice.deletes(gone)
    assert await raw.refused("POST", f"/channels/{pond.id}/messages/{gone.id}/threads", {"name": "n"}) == 10008
    discord.state.most_active_threads = 0
    said = await alice.says(pond, "hi")
    assert await raw.refused("POST", f"/channels/{pond.id}/messages/{said.id}/threads", {"name": "n"}) == 160006
    discord.check_clean()


async def test_archived_threads_wake_and_locked_ones_do_not(
    discord: Discord, raw: Raw, alice: Person, asked: Message
) -> None:
    thread = await alice.opens_thread(asked)
    there, hello = f"/channels/{thread.id}/messages", {"content": "hello", **SILENT}
    _, sent = await raw.call("POST", there, hello)
    thread.archived = True
    assert await raw.refused("PATCH", f"{there}/{sent['id']}", hello) == 50083
    assert (await raw.call("POST", there, hello))[0] == 200
    assert not thread.archived
    thread.archived = thread.locked = True
    assert await raw.refused("POST", there, hello) == 160005
    discord.deny(discord.state.channels[asked.channel], discord.bot.id, Permission.SEND_MESSAGES_IN_THREADS)
    thread.locked = False
    assert await raw.refused("POST", there, hello) == 50013
    discord.check_clean()


async def test_a_bot_changes_its_own_threads_alone(discord: Discord, raw: Raw, alice: Person, asked: Message) -> None:
    theirs = await alice.opens_thread(asked)
    _, said = await raw.call("POST", f"/channels/{asked.channel}/messages", {"content": "mine", **SILENT})
    _, mine = await raw.call("POST", f"/channels/{asked.channel}/messages/{said['id']}/threads", {"name": "n"})
    for place, body in ((asked.channel, {"name": "m"}), (theirs.id, {"name": "m"}), (mine["id"], {"locked": True})):
        assert await raw.refused("PATCH", f"/channels/{place}", body) == 50013
    assert (await raw.call("PATCH", f"/channels/{mine['id']}", {"name": "m", "archived": True}))[1]["name"] == "m"
    assert discord.state.channels[mine["id"]].archived
    discord.allow(discord.state.channels[asked.channel], discord.bot.id, Permission.MANAGE_THREADS)
    assert await raw.refused("PATCH", f"/channels/{asked.channel}", {"name": "m"}) == 50013
    discord.check_clean()
    for wrong in ({"name": ""}, {"archived": "yes"}, {"auto_archive_duration": 5}, {"topic": "ducks"}):
        assert await raw.refused("PATCH", f"/channels/{mine['id']}", wrong) == 50035


async def test_a_private_thread_is_for_its_members(discord: Discord, raw: Raw, alice: Person, pond: Channel) -> None:
    secret = await alice.opens_private_thread(pond, "secret")
    bob = discord.person("bob")
    bob.joins(discord.home)
    assert await raw.refused("GET", f"/channels/{secret.id}") == 50001
    await alice.adds_bot(secret)
    assert (await raw.call("GET", f"/channels/{secret.id}"))[1]["type"] == 12
    assert (await raw.call("GET", f"/channels/{secret.id}/thread-members/{alice.id}"))[0] == 200
    assert await raw.refused("GET", f"/channels/{secret.id}/thread-members/{bob.id}") == 10007
    assert await raw.refused("GET", f"/channels/{pond.id}/thread-members/{alice.id}") == 50024
    assert bob.sees(secret) == []
    _, active = await raw.call("GET", f"/guilds/{discord.home.id}/threads/active")
    assert [thread["id"] for thread in active["threads"]] == [secret.id]
    discord.check_clean()
