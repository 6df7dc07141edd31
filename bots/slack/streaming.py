"""A run's live presence: signs of work above, the answer being written below."""

import asyncio
import contextlib

from bots.slack.answering import Airtime, Answer
from bots.slack.clients import Clients
from bots.slack.ledger import StreamLedger
from bots.slack.posting import Posting
from bots.slack.presence import Presence, Signs
from bots.slack.settings import SlackSettings
from runtime.chores import Chores
from runtime.ports import OnPosted, StreamRequest
from runtime.records import MessageRef


class Studio:
    """Opens streams, and holds what they share."""

    def __init__(
        self, clients: Clients, posting: Posting, settings: SlackSettings, chores: Chores, ledger: StreamLedger
    ) -> None:
        self.clients = clients
        self.posting = posting
        self.settings = settings
        self.chores = chores
        self.ledger = ledger
        self.signs = Signs()
        self.airtime = Airtime(settings)

    def open(self, request: StreamRequest) -> "SlackStream":
        return SlackStream(request, self)


class SlackStream:
    def __init__(self, request: StreamRequest, studio: Studio) -> None:
        self._request = request
        self._studio = studio
        self._presence = Presence(request, studio.clients, studio.settings, studio.chores, studio.signs)
        self._answer: Answer | None = None
        self._news = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    @property
    def message(self) -> MessageRef | None:
        return self._answer.message if self._answer else None

    async def status(self, text: str) -> None:
        self._presence.say(text)

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        studio = self._studio
        self._presence.say("")
        self._answer = Answer(
            self._request,
            key,
            on_posted,
            clients=studio.clients,
            posting=studio.posting,
            ledger=studio.ledger,
            airtime=studio.airtime,
        )
        self._task = studio.chores.spawn(self._show(self._answer), "answer", endless=True)

    async def append(self, text: str) -> None:
        self._raise_failure()
        if self._answer is not None:
            self._answer.add(text)
            self._news.set()

    async def finish_answer(self, markdown: str) -> bool:
        await self._end_task()
        self._raise_failure()
        return self._answer is not None and await self._answer.finish(markdown)

    async def close(self, *, suspended: bool) -> None:
        await self._end_task()
        if self._answer is not None:
            await self._answer.abandon()
        await self._presence.end("suspended" if suspended else "active")

    async def _show(self, answer: Answer) -> None:
        """Flush at once when there is something, then no sooner than an interval later."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                async with self._flushing:
                    await answer.flush()
            except Exception as failure:  # the caller's own, out of `on_posted`: it is given back to the caller
                self._failure = failure
                return
            await asyncio.sleep(self._studio.settings.flush_interval)
            if answer.has_news:
                self._news.set()

    async def _end_task(self) -> None:
        """A call to Slack that is under way is never cut off: its outcome would be unknown."""
        task, self._task = self._task, None
        if task is None:
            return
        async with self._flushing:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
