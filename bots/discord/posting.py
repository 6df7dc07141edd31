"""Saying something in a conversation, changing it later, and finding it again by its key."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

import discord
from msgspec.structs import replace

from bots.discord import cards, components, failures, files, pages
from bots.discord.components import Component
from bots.discord.failures import DiscordRefused, repeatable, writing
from bots.discord.places import is_direct, mark_of, message_of, nonce_of, ref_of, snowflake_at
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.shown import Shown
from bots.discord.threads import Spot, Threads
from runtime.contents import Card, Content, File, Page, Text
from runtime.errors import PlatformUnavailable
from runtime.records import ConversationRef, MessageRef

NONE = discord.AllowedMentions.none()
"""Goes with everything that is sent: nobody is notified by what a model wrote."""

_CLOCKS_MAY_DIFFER = timedelta(seconds=60)
_REMEMBERED = 10_000


def said(content: Content, mark: int = 0) -> list[Component]:
    """A content as components; a file itself travels beside them."""
    match content:
        case Text(markdown=markdown):
            return pages.text_components(markdown, mark)
        case Card():
            return cards.card_components(content, mark)
        case Page():
            return pages.page_components(content, mark)
        case File():
            return files.file_components(content, mark)
        case _:
            assert_never(content)


class Posting:
    """`client` gives the library's client of now, or raises PlatformUnavailable."""

    def __init__(
        self, client: Callable[[], discord.Client], me: Identity, settings: DiscordSettings, threads: Threads
    ) -> None:
        self._client = client
        self._me = me
        self._patience = settings.request_timeout
        self._threads = threads
        self._marks: OrderedDict[str, int] = OrderedDict()

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        mark = mark_of(key)
        spot = await self._threads.reach(where)
        try:
            posted = await self._post(spot, content, key, mark)
        except DiscordRefused as refusal:
            if refusal.code != failures.UNKNOWN_CHANNEL or not where.thread:
                raise
            spot = await self._threads.open(where)  # nobody knew in this process that it is not open yet
            posted = await self._post(spot, content, key, mark)
        ref = ref_of(where, spot.channel, posted.id)
        self._remember(ref, mark)
        if not components.is_same(said(content), [each.to_dict() for each in posted.components]):
            # Discord remembered an earlier message by the nonce, and has not looked at what this one says.
            await self.edit(ref, content)
        return ref

    async def edit(self, message: MessageRef, content: Content, *, mark: int = 0) -> None:
        """`mark` is what the message bears, where the caller has seen it."""
        await self.rewrite(message, said(content, mark or self._marks.get(message.id, 0)))

    async def rewrite(self, message: MessageRef, made: Sequence[Component]) -> None:
        """Replace all of a message by components; the first should bear its mark. Files of it stay. Raises
        PlatformError."""
        channel, number = message_of(message)
        try:
            await self._rewrite(channel, number, made)
        except DiscordRefused as refusal:
            if refusal.code != failures.ARCHIVED:
                raise
            await self._threads.wake(channel)
            await self._rewrite(channel, number, made)

    async def find_posted(self, where: ConversationRef, key: str, since: datetime) -> MessageRef | None:
        """By the number of its first component, which stays as long as the message. Where the thread is not open, a
        message may stand beside it."""
        for channel in dict.fromkeys((self._threads.spot(where).channel, int(where.channel))):
            try:
                return await self._find(where, channel, key, since)
            except DiscordRefused as refusal:
                if refusal.code != failures.UNKNOWN_CHANNEL:
                    raise PlatformUnavailable(str(refusal)) from refusal
        return None

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        """It is opened, and called after the request, once something is to be said in it."""
        where, (_, number) = message.where, message_of(message)
        if where.thread or is_direct(where):
            return where
        self._threads.note(number, request)
        return replace(where, thread=str(number))

    async def _rewrite(self, channel: int, number: int, made: Sequence[Component]) -> None:
        message = self._client().get_partial_messageable(channel).get_partial_message(number)
        async with repeatable(self._patience):
            await message.edit(view=Shown(made), allowed_mentions=NONE)

    async def _post(self, spot: Spot, content: Content, key: str, mark: int) -> discord.Message:
        try:
            return await self._send(spot, content, nonce_of(key), mark)
        except DiscordRefused as refusal:
            if refusal.code != failures.UNKNOWN_MESSAGE:
                raise
            # Discord remembers the nonce of a message that somebody has deleted meanwhile.
            return await self._send(spot, content, nonce_of(f"{key}'"), mark)

    async def _send(self, spot: Spot, content: Content, nonce: str, mark: int) -> discord.Message:
        more: dict[str, Any] = {}
        if spot.reply_to is not None:
            more["reference"] = discord.MessageReference(
                message_id=spot.reply_to, channel_id=spot.channel, fail_if_not_exists=False
            )
        if isinstance(content, File):
            more["file"] = files.file_of(content)
        place = self._client().get_partial_messageable(spot.channel)
        async with writing(self._patience):
            return await place.send(view=Shown(said(content, mark)), nonce=nonce, allowed_mentions=NONE, **more)

    def _remember(self, message: MessageRef, mark: int) -> None:
        self._marks[message.id] = mark
        if len(self._marks) > _REMEMBERED:
            self._marks.popitem(last=False)

    async def _find(self, where: ConversationRef, channel: int, key: str, since: datetime) -> MessageRef | None:
        mark, after = mark_of(key), discord.Object(snowflake_at(since - _CLOCKS_MAY_DIFFER))
        place = self._client().get_partial_messageable(channel)
        async with repeatable(self._patience):
            async for message in place.history(after=after, oldest_first=True, limit=None):
                if message.author.id == self._me.user and _mark_of(message) == mark:
                    found = ref_of(where, channel, message.id)
                    self._remember(found, mark)
                    return found
        return None


def _mark_of(message: discord.Message) -> int:
    return components.mark_in([each.to_dict() for each in message.components[:1]])
