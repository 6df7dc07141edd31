"""Saying something in a conversation, changing it later, and finding it again by its key."""

from collections.abc import Callable, Sequence
from datetime import datetime

import discord

from bots.discord.components import Component
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.threads import Threads
from runtime.contents import Content
from runtime.records import ConversationRef, MessageRef

NONE = discord.AllowedMentions.none()


class Posting:
    """`client` gives the library's client of now, or raises PlatformUnavailable."""

    def __init__(
        self, client: Callable[[], discord.Client], me: Identity, settings: DiscordSettings, threads: Threads
    ) -> None:
        self._client = client

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        raise NotImplementedError

    async def edit(self, message: MessageRef, content: Content, *, mark: int = 0) -> None:
        """`mark` is what the message carries, where the caller has seen it."""
        raise NotImplementedError

    async def rewrite(self, message: MessageRef, components: Sequence[Component]) -> None:
        """Replace all of a message. The first component bears the mark already."""
        raise NotImplementedError

    async def find_posted(self, where: ConversationRef, key: str, since: datetime) -> MessageRef | None:
        raise NotImplementedError
