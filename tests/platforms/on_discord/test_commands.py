"""Commands over the wire: told to Discord when they changed, answered in time, and to whom they should be."""

import asyncio

import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Entry, Page, Text
from runtime.errors import DatabaseUnusable
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor

ABOUT = "Ask Mallard about this"
COMMANDS = 9  # ask, history, pending, run, memories, why, stop, help, and the one about a message
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
REGISTER = "PUT /applications/{application}/commands"
HISTORY = Page(title="History", entries=(Entry(text="run 3 · completed", token="run 3"),), older="history before 3")
OLDER = Page(title="History", entries=(Entry(text="run 1 · failed"),), newer="history after 1")


@pytest.fixture
def door() -> RecordingDoor:
    return RecordingDoor(pages={"history": HISTORY, "history before 3": OLDER})


@pytest.mark.mistake(30)
async def test_commands_are_told_to_discord_once_and_again_when_they_changed(
    discord: Discord, door: RecordingDoor
) -> None:
    for _ in range(3):
        async with started(discord, door):
            await discord.until(lambda: len(discord.state.commands.get(None, ())) == COMMANDS)
            await discord.person("alice").slash("help")
    assert len(discord.record.calls_of(REGISTER)) == 1

    discord.state.commands[None].pop()
    async with started(discord, door):
        await discord.until(lambda: len(discord.state.commands[None]) == COMMANDS)
    assert len(discord.record.calls_of(REGISTER)) == 2


@pytest.mark.mistake(30)
async def test_commands_can_be_told_to_one_server_alone(discord: Discord, door: RecordingDoor) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    for _ in range(2):
        async with started(discord, door, commands=discord.home.id):
            await discord.until(lambda: discord.state.commands.get(discord.home.id))
            assert (await alice.slash("history", pond)).acked

    assert not discord.state.commands.get(None)
    assert len(discord.record.calls_of("PUT /applications/{application}/guilds/{guild}/commands")) == 1


async def test_commands_that_cannot_be_told_now_are_told_with_the_next_session(
    discord: Discord, door: RecordingDoor
) -> None:
    failing = discord.fail(REGISTER, status=503)
    async with started(discord, door):
        await failing.arrived()
        await discord.person("alice").dms("all else works")
        await door.heard()
        discord.gateway.invalidate(resumable=False)
        await discord.until(lambda: discord.state.commands.get(None), timeout=10)


@pytest.mark.promise(39)
async def test_a_page_answers_its_asker_alone_and_turns_where_it_stands(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    await discord.until(lambda: discord.state.commands.get(None))

    receipt = await alice.slash("history", pond)
    shown = await discord.ephemeral(alice, contains="run 3")
    await alice.clicks(shown, "Older")
    await discord.until(lambda: "run 1" in shown.text)

    assert receipt.acked
    assert alice.ephemerals == [shown]
    assert not discord.answers(pond)
    assert [(words, direct) for words, _, _, direct in door.reads] == [("history", True), ("history before 3", True)]


@pytest.mark.mistake(9)
async def test_a_page_that_comes_after_fifteen_minutes_comes_by_dm(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    await discord.until(lambda: discord.state.commands.get(None))
    door.gate.clear()

    assert (await alice.slash("history", pond)).acked
    discord.clock.advance(16 * 60)
    door.gate.set()

    assert "run 3" in (await discord.message(alice.dm)).text


async def test_a_request_opens_its_thread_on_the_message_that_shows_it(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    await discord.until(lambda: discord.state.commands.get(None))

    await alice.slash("ask", pond, request="how large is the pond?")
    (asked,) = door.requests
    assert asked.shown is not None
    root = await platform.post(asked.shown.where, Text(markdown=asked.shown.markdown), key="k0")
    await platform.post(platform.thread_on(root, asked.text), Text(markdown="large"), key="k1")

    (request,) = discord.answers(pond)
    assert "how large is the pond?" in request.text
    thread = discord.thread_of(request)
    assert thread is not None
    assert thread.name == "how large is the pond?"
    assert [answer.text for answer in discord.answers(thread)] == ["large"]


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
@pytest.mark.parametrize("way", ["/ask", "a message"])
async def test_a_request_that_discord_tells_of_once_is_acknowledged_only_when_it_is_committed(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor, way: str
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    await discord.until(lambda: discord.state.commands.get(None))
    said = await alice.says(pond, "how large is the pond?")
    door.gate.clear()

    asking = alice.about(said, ABOUT) if way == "a message" else alice.slash("ask", pond, request=said.text)
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(asking)
        await door.until(lambda: door.asked)
        await alice.dms("hello")
        await door.until(lambda: door.asked == 2)  # what came later is being read, so an answer would have been given
        assert not discord.record.calls_of(CALLBACK)
        door.gate.set()

    assert asked.result().acked
    assert len(door.received) + len(door.requests) == 2
    await discord.ephemeral(alice, contains="I answer in")


@pytest.mark.mistake(2)
@pytest.mark.mistake(3)
@pytest.mark.parametrize("way", ["/ask", "a message"])
@pytest.mark.parametrize("trouble", [DatabaseUnusable("the disk is full"), ValueError("a fault of ours")])
async def test_whoever_asks_for_what_cannot_be_committed_hears_so(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor, way: str, trouble: Exception
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    await discord.until(lambda: discord.state.commands.get(None))
    said = await alice.says(pond, "how large is the pond?")
    door.trouble.append(trouble)

    await (alice.about(said, ABOUT) if way == "a message" else alice.slash("ask", pond, request=said.text))

    await discord.ephemeral(alice, contains="did not work")
    assert not door.received
    assert not door.requests
    assert not discord.answers(pond)


async def test_a_message_is_handed_over_and_answered_in_its_thread(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    discord.state.message_content = False
    alice, bob = discord.person("alice"), discord.person("bob")
    pond = discord.channel("pond", members=[alice, bob])
    await discord.until(lambda: discord.state.commands.get(None))
    said = await bob.says(pond, "the pond leaks", files={"leak.txt": b"drip"})

    receipt = await alice.about(said, ABOUT)
    heard = await door.heard()

    assert receipt.acked
    assert (heard.author.id, heard.text) == (alice.id, "the pond leaks")
    assert heard.where.thread == said.id
    assert [file.name for file in heard.attachments] == ["leak.txt"]
    assert "that message's thread" in (await discord.ephemeral(alice, contains="answer")).text


async def test_a_command_of_an_earlier_version_is_answered(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    await discord.until(lambda: discord.state.commands.get(None))
    known = discord.state.commands[None]
    discord.state.commands[None] = [{**command, "name": f"old{command['name']}"} for command in known]

    receipt = await alice.slash("oldhelp", pond)

    assert receipt.acked
    assert "any more" in (await discord.ephemeral(alice, contains="command")).text
