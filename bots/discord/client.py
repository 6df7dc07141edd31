"""The library's client, as we need it: few intents, no caches of messages and members, and every event handed on."""

import asyncio
import logging
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket, KeepAliveHandler, ReconnectWebSocket
from discord.http import Route

from bots.discord.presses import Press
from bots.discord.redaction import SECRETS
from bots.discord.settings import DiscordSettings, Identity
from runtime.pauses import seconds_asked
from runtime.redaction import library_logger

if TYPE_CHECKING:
    from bots.discord.listeners import Listeners


log = logging.getLogger(__name__)

_WELL_CLOSED = 1000
_TOO_MANY = 429
_SPREAD = 1.0  # seconds: the header may be rounded down, and the library pauses a moment after it was read


class NothingToResume(Exception):
    """The connection broke, or came to none, before a session had begun."""


class Signs(Protocol):
    """Who wants to know how the connection is."""

    def session_began(self) -> None:
        """A new session, which continues none."""

    def ready(self) -> None:
        """Its servers and channels are known."""

    def resumed(self) -> None:
        """A session goes on, and what it missed comes now."""

    def lost(self) -> None:
        """The connection is gone; the library tries again."""


class MallardClient(discord.Client):
    """`signs` hears of the connection itself, `listeners` of all that comes through it."""

    def __init__(self, settings: DiscordSettings, me: Identity, listeners: "Listeners", signs: Signs) -> None:
        self._pause_end: asyncio.TimerHandle | None = None
        answers = aiohttp.TraceConfig()
        answers.on_request_end.append(self._end_pause_in_time)
        super().__init__(
            http_trace=answers,
            intents=intents_for(me),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=30,
            guild_ready_timeout=settings.ready_timeout,
            heartbeat_timeout=settings.heartbeat_timeout,
        )
        self.listeners = listeners
        self._signs = signs
        self.tree = _Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def _end_pause_in_time(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, answered: aiohttp.TraceRequestEndParams
    ) -> None:
        """The library lets every call wait while Discord wants none from us, until the call that was told so has waited it
        out. Where that one is cut off, and a sign of work often is, nothing would ever be sent again."""
        headers = answered.response.headers
        if answered.response.status != _TOO_MANY or "X-RateLimit-Global" not in headers:
            return
        pause = (seconds_asked(headers.get("Retry-After")) or 0.0) + _SPREAD
        if self._pause_end is not None:
            self._pause_end.cancel()  # it would end this pause as well
        self._pause_end = asyncio.get_running_loop().call_later(pause, self.http._global_over.set)

    async def close(self) -> None:
        """The library forgets a connection that is cut off while it begins: its socket would stay open, and its thread go on
        and ask a loop that is gone."""
        for thread in threading.enumerate():
            if isinstance(thread, KeepAliveHandler) and thread.ws._connection is self._connection:
                if thread.ws is not self.ws:
                    await thread.ws.close(_WELL_CLOSED)
                thread.stop()
        await super().close()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """A closed client tells of nothing any more: the library would begin what nobody can run."""
        if self.is_closed():
            return
        super().dispatch(event, *args, **kwargs)
        if event == "disconnect":
            self._check_resumable(sys.exception())

    def _check_resumable(self, why: BaseException | None) -> None:
        """The library resumes whatever it was cut off from: also what had not begun, and then without end. Raises
        NothingToResume, out of the library, whose client is of no more use."""
        match why:
            case ReconnectWebSocket(resume=False):
                return
            case discord.ConnectionClosed(code=code) if code != _WELL_CLOSED:
                return  # the library does not resume either
        if getattr(self.ws, "session_id", None) is None:  # there is no socket where none was ever open
            raise NothingToResume from why

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Press)

    async def on_connect(self) -> None:
        self._signs.session_began()

    async def on_ready(self) -> None:
        self._signs.ready()

    async def on_resumed(self) -> None:
        self._signs.resumed()

    async def on_disconnect(self) -> None:
        self._signs.lost()

    async def on_message(self, message: discord.Message) -> None:
        self.listeners.heard(message)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.listeners.interacted(interaction)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.listeners.sent_away(guild)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("%s failed", event_method)


class _Tree(app_commands.CommandTree[MallardClient]):
    async def interaction_check(self, interaction: discord.Interaction[MallardClient], /) -> bool:
        return await interaction.client.listeners.admits(interaction)


def intents_for(me: Identity) -> discord.Intents:
    """The least that works: what messages say is a privilege, and asked for only where it is granted."""
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = True
    intents.message_content = me.may_read
    return intents


def point_at(api_url: str, gateway: str) -> None:
    """Let the library speak to another Discord, in all of this process: it has no setting for it."""
    Route.BASE = api_url
    if gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


def hush_the_library() -> None:
    """Its warnings hold addresses with the tokens of interactions, its debug texts whole events; and nobody here speaks."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "discord"]:
        library_logger(name, SECRETS)
