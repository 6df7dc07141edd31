"""The threads that requests are worked on in. They bear their message's id, so they are opened when they are needed."""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bots.discord.settings import DiscordSettings
from runtime.records import ConversationRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where to post. `reply_to` is the request itself where no thread could be opened on it."""

    channel: int
    reply_to: int | None = None


class Threads:
    """`client` gives the library's client of now, or raises PlatformUnavailable."""

    def __init__(self, client: Callable[[], discord.Client], settings: DiscordSettings) -> None:
        self._client = client

    def note(self, message_id: str, request: str) -> None:
        """A request was heard in a channel: its thread is not open yet, and will be called after these words."""
        raise NotImplementedError

    async def reach(self, where: ConversationRef) -> Spot:
        """Where the conversation can be spoken in; opens its thread where that was noted. Raises PlatformError."""
        raise NotImplementedError

    async def open(self, where: ConversationRef) -> Spot:
        """Open the thread of a request, whoever may have opened it meanwhile. Raises PlatformError."""
        raise NotImplementedError
