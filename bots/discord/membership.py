"""Who can read what, and where a person is reached alone."""

from collections.abc import Callable

import discord

from bots.discord import failures
from bots.discord.failures import DiscordRefused, repeatable
from bots.discord.places import PLATFORM, conversation, is_direct
from bots.discord.servers import find_server
from bots.discord.settings import DiscordSettings
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef, UserRef

_GONE = frozenset(
    {
        failures.UNKNOWN_CHANNEL,
        failures.UNKNOWN_GUILD,
        failures.UNKNOWN_MEMBER,
        failures.UNKNOWN_USER,
        failures.NO_ACCESS,
    }
)


class Membership:
    """`client` gives the library's client of now, or raises PlatformUnavailable."""

    def __init__(self, client: Callable[[], discord.Client], settings: DiscordSettings) -> None:
        self._client = client
        self._patience = settings.request_timeout
        self._connect_patience = settings.connect_patience

    async def direct_message(self, user: UserRef) -> ConversationRef:
        """Opened once per person and connection: the library remembers it. Raises PlatformError."""
        if user.platform != PLATFORM or not user.id.isdecimal():
            raise PlatformRefused(f"{user} is not on Discord")
        async with repeatable(self._patience):
            channel = await self._client().create_dm(discord.Object(int(user.id)))
        return conversation(guild=None, channel=channel.id)

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        """Whether they see the channel and what was said in it before. A private thread is a channel of its own, which
        only those read who were added to it or look after all threads."""
        if where.platform != PLATFORM or user.platform != PLATFORM or not user.id.isdecimal():
            return False
        if is_direct(where):
            return (await self.direct_message(user)).channel == where.channel
        try:
            return await self._may_read(int(user.id), int(where.space), int(where.channel))
        except DiscordRefused as refusal:
            if refusal.code in _GONE:
                return False
            raise

    async def _may_read(self, user: int, guild_id: int, channel_id: int) -> bool:
        client = self._client()
        guild = await find_server(client, guild_id, self._connect_patience)
        if guild is None:
            return False
        async with repeatable(self._patience):
            member = await guild.fetch_member(user)
            channel = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
            if isinstance(channel, discord.Thread) and channel.parent is None:
                return False
            allowed = channel.permissions_for(member)
            if isinstance(channel, discord.VoiceChannel | discord.StageChannel) and not allowed.connect:
                return False
            if not (allowed.view_channel and allowed.read_message_history):
                return False
            if isinstance(channel, discord.Thread) and channel.is_private() and not allowed.manage_threads:
                await channel.fetch_member(user)  # unknown to the thread: refused with UNKNOWN_MEMBER
        return True
