"""A real `mallard up discord`, killed at bad moments and started again: nothing is lost, nothing happens twice."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from tests.fakes.capture import capture_for
from tests.fakes.discord import Channel, Discord, Message, Person
from tests.stories.children import Child

PATIENCE = 30.0
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
POST = "POST /channels/{channel}/messages"


class Port(Struct, kw_only=True):
    """A loopback Discord with somebody in a channel, and a folder with an `.env` that leads there."""

    discord: Discord
    folder: Path
    anna: Person
    pond: Channel
    child: Child

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Child]:
        """The process, connected, and its commands on offer. It is killed at the end if it still lives."""
        await self.child.start()
        try:
            await self.discord.connected(timeout=PATIENCE)
            await self.discord.until(lambda: self.discord.state.commands.get(None), timeout=PATIENCE)
            yield self.child
        finally:
            await self.child.kill()
            await self.discord.until(lambda: not self.discord.gateway.sockets, timeout=PATIENCE)

    def place(self, name: str) -> Channel:
        return self.pond if name == "channel" else self.anna.dm

    async def root(self, place: Channel) -> Message:
        return await self.discord.message(place, contains="list files", timeout=PATIENCE)

    async def answered(self, place: Channel | str, times: int) -> list[Message]:
        """The answers in a thread or a direct message, once there are so many."""
        await self.discord.until(lambda: len(self.answers(place)) >= times, timeout=PATIENCE)
        return self.answers(place)

    def answers(self, place: Channel | str) -> list[Message]:
        if self.discord.state.find_channel(place if isinstance(place, str) else place.id) is None:
            return []
        return [each for each in self.discord.answers(place) if "empty" in each.text]


@pytest.fixture
async def port(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Port]:
    (tmp_path / "workspace").mkdir()
    async with Discord(capture=capture_for(request.config, "discord")) as discord:
        anna = discord.person("anna")
        pond = discord.channel("pond", members=[anna])
        child = Child(tmp_path, "up", "discord", patience=PATIENCE)
        (tmp_path / ".env").write_text(
            f"MALLARD_DISCORD_TOKEN={discord.token}\nMALLARD_DISCORD_API_URL={discord.api_url}\n"
            f"MALLARD_USERS=discord:{anna.id}\n"
        )
        yield Port(discord=discord, folder=tmp_path, anna=anna, pond=pond, child=child)
        sys.stderr.write(child.log.read_text())
        assert not discord.violations, discord.violations


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
@pytest.mark.mistake(16)
@pytest.mark.parametrize("stands", [False, True], ids=["before its message stands", "when its message stands"])
@pytest.mark.parametrize("where", ["channel", "direct message"])
async def test_killed_right_after_ask_was_acknowledged_its_request_is_answered_once(
    port: Port, where: str, stands: bool
) -> None:
    """Discord tells of no command twice, so this is known to nobody but us."""
    async with port.up() as child:
        place = port.place(where)
        answering = port.discord.hold(CALLBACK, processed=True)
        posting = port.discord.hold(POST, processed=stands)
        receipt = await port.anna.slash("ask", place, request="list files")
        assert receipt.acked
        await posting.arrived(timeout=PATIENCE)
        await child.kill()
    answering.discard()
    posting.discard()

    async with port.up():
        root = await port.root(place)
        thread = root.id if where == "channel" else place.id
        await port.answered(thread, 1)
        await port.anna.says(thread, "list files")
        await port.answered(thread, 2)

    assert [each.text for each in port.discord.answers(place) if "asks" in each.text] == [root.text]
    assert len(port.answers(thread)) == 2
    if where == "channel":
        assert port.discord.state.channels[root.id].name == "list files"
        assert len(port.discord.answers(port.pond)) == 1


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
async def test_killed_right_after_a_message_was_handed_over_it_is_answered_once(port: Port) -> None:
    async with port.up() as child:
        said = await port.anna.says(port.pond, "list files")
        answering = port.discord.hold(CALLBACK, processed=True)
        assert (await port.anna.about(said, "Ask Mallard about this")).acked
        await child.kill()
    answering.discard()

    async with port.up():
        await port.answered(said.id, 1)
        await port.anna.says(said.id, "list files")
        await port.answered(said.id, 2)
    assert len(port.answers(said.id)) == 2


@pytest.mark.mistake(25)
async def test_a_request_that_may_not_be_shown_in_its_channel_is_answered_in_a_direct_message(port: Port) -> None:
    async with port.up():
        port.discord.fail(POST, 50013)
        assert (await port.anna.slash("ask", port.pond, request="list files")).acked

        root = await port.root(port.anna.dm)
        await port.answered(port.anna.dm, 1)
        await port.anna.dms("list files")
        await port.answered(port.anna.dm, 2)

    assert "asks" in root.text
    assert not [each for each in port.discord.answers(port.pond) if not each.is_ephemeral]


@pytest.mark.mistake(9)
async def test_a_request_whose_message_comes_after_the_interaction_has_died_is_answered(port: Port) -> None:
    async with port.up() as child:
        posting = port.discord.hold(POST)
        assert (await port.anna.slash("ask", port.pond, request="list files")).acked
        await posting.arrived(timeout=PATIENCE)
        await child.kill()
    posting.discard()
    port.discord.clock.advance(16 * 60)

    async with port.up():
        root = await port.root(port.pond)
        await port.answered(root.id, 1)
