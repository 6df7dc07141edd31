"""The sign that somebody is at work: Discord says that we are typing."""

import asyncio
import logging
from collections.abc import Callable

import discord

from bots.discord.failures import UNKNOWN_CHANNEL, DiscordRefused, repeatable
from bots.discord.settings import DiscordSettings
from bots.discord.threads import Threads
from runtime.chores import Chores
from runtime.errors import PlatformError
from runtime.ports import StreamRequest

log = logging.getLogger(__name__)


class Typing:
    """`runtime.streaming.Sign` for Discord: renewed while there are words, ended by our next message, or by itself.

    What the words say cannot be shown."""

    def __init__(
        self,
        request: StreamRequest,
        client: Callable[[], discord.Client],
        threads: Threads,
        settings: DiscordSettings,
        chores: Chores,
    ) -> None:
        self._request = request
        self._client = client
        self._threads = threads
        self._settings = settings
        self._chores = chores
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def say(self, words: str) -> None:
        """Type from now on; "" for no more."""
        if not words:
            self._wanted.clear()
            return
        self._wanted.set()
        if self._task is None:
            self._task = self._chores.spawn(self._keep(), "typing", endless=True)

    async def end(self, *, suspended: bool) -> None:
        """No more typing, whatever the reason. A call that is cut off here does no harm."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                await self._type()
            except PlatformError as error:
                log.debug("nobody sees us typing: %s", error)
            await asyncio.sleep(self._settings.typing_renewal)

    async def _type(self) -> None:
        where = self._request.where
        spot = await self._threads.reach(where)
        try:
            await self._type_in(spot.channel)
        except DiscordRefused as refusal:
            if refusal.code != UNKNOWN_CHANNEL or not where.thread:
                raise
            spot = await self._threads.open(where)  # nobody knew in this process that it is not open yet
            await self._type_in(spot.channel)

    async def _type_in(self, channel: int) -> None:
        async with repeatable(self._settings.request_timeout):
            await self._client().get_partial_messageable(channel).typing()
