"""A run's live presence: typing above, the answer being written below."""

from collections.abc import Callable

import discord

from bots.discord.answering import Airtime, Answer
from bots.discord.posting import Posting
from bots.discord.presence import Typing
from bots.discord.settings import DiscordSettings
from bots.discord.threads import Threads
from runtime.chores import Chores
from runtime.ports import OnPosted, StreamRequest
from runtime.streaming import LiveStream


class Studio:
    """Opens streams, and holds what they share. `client` gives the library's client of now, or raises
    PlatformUnavailable."""

    def __init__(
        self,
        client: Callable[[], discord.Client],
        posting: Posting,
        threads: Threads,
        settings: DiscordSettings,
        chores: Chores,
    ) -> None:
        self._client = client
        self._posting = posting
        self._threads = threads
        self._settings = settings
        self._chores = chores
        self._airtime = Airtime(settings)

    def open(self, request: StreamRequest) -> LiveStream:
        def answer_of(key: str, on_posted: OnPosted) -> Answer:
            return Answer(request, key, on_posted, posting=self._posting, airtime=self._airtime)

        return LiveStream(
            answer_of=answer_of,
            sign=Typing(request, self._client, self._threads, self._settings, self._chores),
            chores=self._chores,
            flush_interval=self._settings.flush_interval,
        )
