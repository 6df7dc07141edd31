"""A bare discord.py bot on the loopback: what a test of the loopback itself talks with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import yarl
from msgspec import Struct

import discord
from discord import Message, app_commands, ui
from discord.gateway import DiscordWebSocket
from tests.fakes.discord.loopback import Discord
from tests.fakes.discord.person import Person
from tests.fakes.discord.places import Channel
from tests.fakes.pulse import Pulse
from tests.fakes.record import Capture

Heard = Callable[[Any], Awaitable[None]]
NONE = discord.AllowedMentions.none()
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)


class Shown(ui.LayoutView):
    """Components as plain JSON, through the library's public calls."""

    def __init__(self, *components: dict[str, Any]) -> None:
        super().__init__(timeout=None)
        self._components = list(components)

    def to_components(self) -> list[dict[str, Any]]:
        return self._components

    def has_components_v2(self) -> bool:
        return True

    def is_dispatchable(self) -> bool:
        return False


class Form(ui.Modal):
    """A modal as plain JSON."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"], timeout=900)
        self._payload = payload

    def to_dict(self) -> dict[str, Any]:
        return self._payload


class Bot(discord.Client):
    """Whatever a test puts into `heard` and `asked` is called with messages and interactions."""

    def __init__(self, *, intents: discord.Intents = INTENTS, **options: Any) -> None:
        usual: dict[str, Any] = {
            "allowed_mentions": NONE,
            "max_messages": None,
            "guild_ready_timeout": 0.05,
            "max_ratelimit_timeout": 30,
            "chunk_guilds_at_startup": False,
            "member_cache_flags": discord.MemberCacheFlags.none(),
        }
        super().__init__(intents=intents, **(usual | options))
        self.heard: Heard | None = None
        self.asked: Heard | None = None
        self.received: list[discord.Message] = []
        self.events: list[str] = []
        self.began = asyncio.Event()
        self.pulse = Pulse()
        self.living: asyncio.Task[None] | None = None
        self.tree = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library would wait five seconds before it identifies again."""

    async def setup_hook(self) -> None:
        self.began.set()

    async def on_message(self, message: discord.Message) -> None:
        if message.author.id != self.application_id:
            self.received.append(message)
            self.pulse.beat()
            if self.heard is not None:
                await self.heard(message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if self.asked is not None and interaction.type is not discord.InteractionType.application_command:
            await self.asked(interaction)
            self.pulse.beat()

    async def on_socket_event_type(self, name: str) -> None:
        self.events.append(name)
        self.pulse.beat()

    def at(self, channel: Channel) -> discord.PartialMessageable:
        """Where to speak, without a cache or a request."""
        guild = None if channel.guild is None else int(channel.guild)
        return self.get_partial_messageable(int(channel.id), guild_id=guild)


class Pond(Struct, frozen=True, kw_only=True):
    """A loopback with a bot connected to it, a channel, and a person in the channel."""

    discord: Discord
    bot: Bot
    alice: Person
    channel: Channel

    async def heard(self, count: int = 1) -> list[Message]:
        """The messages of others, once the bot has received so many."""
        await self.discord.until(lambda: len(self.bot.received) >= count)
        return self.bot.received


def point_at(loopback: Discord) -> None:
    """The library's two addresses are class attributes: one Discord for a process."""
    discord.http.Route.BASE = loopback.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(loopback.gateway_url)


async def code_of(call: Awaitable[Any]) -> int:
    """The code that Discord refused with; an AssertionError if it took the call."""
    try:
        await call
    except discord.HTTPException as refusal:
        return refusal.code or refusal.status
    raise AssertionError("Discord took it")


@asynccontextmanager
async def running(loopback: Discord, bot: Bot | None = None) -> AsyncIterator[Bot]:
    """A bot that is ready; it leaves at the end."""
    point_at(loopback)
    client = bot or Bot()
    client.pulse = loopback.pulse
    living = asyncio.get_running_loop().create_task(client.start(loopback.token))
    ready = asyncio.get_running_loop().create_task(_ready(client))
    client.living = living
    try:
        await asyncio.wait({living, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if living.done():
            living.result()
        yield client
    finally:
        ready.cancel()
        await client.close()
        await asyncio.gather(living, ready, return_exceptions=True)


async def _ready(client: Bot) -> None:
    await client.began.wait()
    await client.wait_until_ready()


@asynccontextmanager
async def pond_with_bot(*, capture: Capture | None = None, bot: Bot | None = None) -> AsyncIterator[Pond]:
    async with Discord(capture=capture) as loopback:
        alice = loopback.person("alice")
        channel = loopback.channel("pond", members=[alice])
        async with running(loopback, bot) as client:
            yield Pond(discord=loopback, bot=client, alice=alice, channel=channel)
