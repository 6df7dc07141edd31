"""The pond on a loopback Discord, where the request has a thread that is opened only when something is to be said."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec.structs import replace

from tests.crashes.nursery import LONGEST_LIFE
from tests.crashes.on_chat import PATIENCE, Pond, Said
from tests.crashes.trial import Chat
from tests.fakes.capture import Capture
from tests.fakes.discord import Discord, Message
from tests.fakes.discord.messages import SPOKEN
from tests.fakes.discord.places import Channel


class DiscordPond(Pond):
    def __init__(self, discord: Discord) -> None:
        super().__init__()
        self.discord = discord
        self._ann, self._bob = discord.person("ann"), discord.person("bob")
        self._channel = discord.channel("pond", members=[self._ann, self._bob])
        self._asked: Message | None = None
        self.chat = Chat(
            platform="discord",
            url=discord.api_url,
            token=discord.token,
            asker=self._ann.id,
            decider=self._bob.id,
        )

    async def connected(self) -> None:
        await self.discord.connected(timeout=LONGEST_LIFE)

    async def asks(self) -> None:
        self._asked = await self._ann.mentions(self._channel, "Do it.")

    async def clicks(self, card: Said, label: str) -> None:
        assert isinstance(card, Message)
        await self._bob.clicks(card, label)

    def said(self) -> list[Message]:
        ours = [each for each in self.discord.state.messages if each.author == self.discord.bot.id]
        return [each for each in ours if each.type in SPOKEN and not each.is_ephemeral and not each.deleted]

    def threads(self) -> list[Channel]:
        return [channel for channel in self.discord.state.channels.values() if channel.is_thread]

    def forget_marks(self) -> None:
        """Discord numbers the components of everything that stands there as if nobody had."""
        for message in self.discord.state.messages:
            renumbered = tuple({**each, "id": number} for number, each in enumerate(message.components, 1))
            message.content = replace(message.content, components=renumbered)

    async def until(self, look: Callable[[], tuple[Said, str] | None]) -> tuple[Said, str]:
        return await self.discord.until(look, timeout=PATIENCE)

    async def left(self) -> None:
        await self.discord.until(lambda: not self.discord.gateway.sockets)

    def picture(self) -> str:
        return self.discord.picture()

    def check_manners(self) -> None:
        assert self._asked is not None
        assert [thread.id for thread in self.threads()] == [self._asked.id], "the request has not exactly one thread"
        assert {each.channel for each in self.said()} == {self._asked.id}, "something stands beside the thread"
        assert not self.discord.violations, self.discord.violations


@asynccontextmanager
async def open_discord_pond(capture: Capture | None = None) -> AsyncIterator[Pond]:
    async with Discord(capture=capture) as discord:
        yield DiscordPond(discord)
