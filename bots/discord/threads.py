"""The threads that requests are worked on in. They bear their message's id, so they are opened when they are needed."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal
from weakref import WeakValueDictionary

import discord
from msgspec import Struct

from bots.discord import failures
from bots.discord.components import texts_in
from bots.discord.failures import DiscordRefused, repeatable
from bots.discord.places import target_of
from bots.discord.servers import find_server
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.wording import plain, request_in, thread_name
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef

log = logging.getLogger(__name__)

ARCHIVED_AFTER: Final[Literal[10080]] = 10_080
"""Minutes, the longest that Discord knows: a card may wait over a weekend, and should not be out of sight then."""

_REMEMBERED = 5_000
_NO_THREADS_HERE = frozenset(
    {failures.NO_PERMISSION, failures.TOO_MANY_THREADS, failures.NOT_IN_THIS_CHANNEL, failures.NO_ACCESS}
)


class Spot(Struct, frozen=True, kw_only=True):
    """Where to post. `reply_to` is the request itself where no thread can be opened on it."""

    channel: int
    reply_to: int | None = None


class Threads:
    """`client` gives the library's client of now, or raises PlatformUnavailable. `mask` takes the secrets out of a text."""

    def __init__(
        self, client: Callable[[], discord.Client], me: Identity, settings: DiscordSettings, mask: Callable[[str], str]
    ) -> None:
        self._client = client
        self._mask = mask
        self._me = me
        self._patience = settings.request_timeout
        self._connect_patience = settings.connect_patience
        self._noted: OrderedDict[str, str] = OrderedDict()
        self._hopeless: OrderedDict[str, None] = OrderedDict()
        self._opening: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def note(self, message: int, request: str) -> None:
        """A request was heard in a channel: its thread is not open yet, and will be called after these words."""
        self._noted[str(message)] = thread_name(self._mask(request))
        if len(self._noted) > _REMEMBERED:
            self._noted.popitem(last=False)

    async def reach(self, where: ConversationRef) -> Spot:
        """Where the conversation can be spoken in; opens its thread where that was noted. Raises PlatformError."""
        if where.thread in self._noted:
            async with self._turn(where.thread):
                if where.thread in self._noted:
                    return await self._open(where)
        return self.spot(where)

    async def open(self, where: ConversationRef) -> Spot:
        """Open the thread of a request, whoever may have opened it meanwhile. Raises PlatformError."""
        async with self._turn(where.thread):
            return await self._open(where)

    async def wake(self, channel: int) -> None:
        """Nothing in an archived thread can be changed: take it out of the archive. Raises PlatformError."""
        async with repeatable(self._patience):
            thread = await self._client().fetch_channel(channel)
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)

    def spot(self, where: ConversationRef) -> Spot:
        """Where the conversation is, as far as this process knows. Opens nothing."""
        if where.thread in self._hopeless:
            return Spot(channel=int(where.channel), reply_to=int(where.thread))
        return Spot(channel=target_of(where))

    def _turn(self, thread: str) -> asyncio.Lock:
        return self._opening.setdefault(thread, asyncio.Lock())

    async def _open(self, where: ConversationRef) -> Spot:
        request = await self._request(where)
        try:
            name = self._noted.get(where.thread) or await self._name_after(request)
            async with repeatable(self._patience):
                await request.create_thread(name=name, auto_archive_duration=ARCHIVED_AFTER)
        except DiscordRefused as refusal:
            if refusal.code in _NO_THREADS_HERE:
                log.warning(
                    "no thread can be opened in %s, so answers come beside it: %s", where.written_channel, refusal
                )
                self._give_up(where.thread)
            elif refusal.code != failures.THREAD_EXISTS:
                raise
        self._noted.pop(where.thread, None)
        return self.spot(where)

    async def _request(self, where: ConversationRef) -> discord.PartialMessage:
        client, server = self._client(), int(where.space or 0)
        if await find_server(client, server, self._connect_patience) is None:
            raise PlatformRefused("Mallard is not on that server any more")
        channel = client.get_partial_messageable(int(where.channel), guild_id=server)
        return channel.get_partial_message(int(where.thread))

    async def _name_after(self, request: discord.PartialMessage) -> str:
        async with repeatable(self._patience):
            message = await request.fetch()
        said = message.content or " ".join(texts_in([each.to_dict() for each in message.components]))
        if message.author.id == self._me.user:
            said = request_in(said)
        return thread_name(self._mask(plain(said, self._me)))

    def _give_up(self, thread: str) -> None:
        self._hopeless[thread] = None
        if len(self._hopeless) > _REMEMBERED:
            self._hopeless.popitem(last=False)
