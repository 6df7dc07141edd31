"""Where a channel of Discord's belongs: read off what the library knows, else asked for once."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias, cast

import discord

from bots.discord.failures import repeatable
from bots.discord.inbound import Kind, Location
from runtime.errors import PlatformRefused

_KINDS = {
    discord.ChannelType.text: Kind.CHANNEL,
    discord.ChannelType.news: Kind.CHANNEL,
    discord.ChannelType.public_thread: Kind.THREAD,
    discord.ChannelType.news_thread: Kind.THREAD,
    discord.ChannelType.private_thread: Kind.PRIVATE_THREAD,
    discord.ChannelType.voice: Kind.VOICE,
    discord.ChannelType.stage_voice: Kind.VOICE,
    discord.ChannelType.private: Kind.DIRECT,
}
_REMEMBERED = 1_000

Channel: TypeAlias = (
    discord.abc.GuildChannel | discord.Thread | discord.DMChannel | discord.GroupChannel | discord.PartialMessageable
)


def location_of(channel: Channel) -> Location | None:
    """None where the library does not know what the channel is."""
    if channel.type is None:
        return None
    guild = getattr(channel, "guild", None)
    return Location(
        kind=_KINDS.get(channel.type, Kind.ELSEWHERE),
        channel=channel.id,
        guild=guild.id if guild is not None else None,
        parent=channel.parent_id if isinstance(channel, discord.Thread) else None,
    )


class Locations:
    """Threads that nobody spoke in for long are not in the library's cache: they are asked for, and remembered.

    `client` gives the library's client of now, or raises PlatformUnavailable.
    """

    def __init__(self, client: Callable[[], discord.Client], patience: float) -> None:
        self._client = client
        self._patience = patience
        self._asked: OrderedDict[int, Location] = OrderedDict()

    def find(self, channel: Channel) -> Location | None:
        return location_of(channel) or self._asked.get(channel.id)

    async def look_up(self, channel: int) -> Location:
        """Raises PlatformError."""
        async with repeatable(self._patience):
            found = location_of(cast(Channel, await self._client().fetch_channel(channel)))
        if found is None:
            raise PlatformRefused(f"Discord does not say what channel {channel} is")
        self._asked[channel] = found
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return found
