"""An answer that people see being written, through Slack's streams or, when those are used up, one edited message.

What is shown is provisional: whatever goes wrong here, `finish` makes the message say exactly what was committed,
or says that it could not.
"""

import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Literal

from bots.slack import pages
from bots.slack.clients import Clients
from bots.slack.failures import SlackRefused, writing
from bots.slack.ledger import StreamLedger
from bots.slack.posting import Posting, marked
from bots.slack.settings import LONGEST_TEXT, SlackSettings
from bots.slack.wording import neutralised, settled_length
from runtime.contents import Text
from runtime.errors import PlatformError, PlatformUnavailable, PlatformUnclear
from runtime.pace import Allowance
from runtime.ports import OnPosted, StreamRequest
from runtime.records import MessageRef

log = logging.getLogger(__name__)


Manner = Literal["streamed", "edited", "silent"]


class Airtime:
    """What all streams of the workspace share: Slack counts calls per method and workspace."""

    def __init__(self, settings: SlackSettings, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.starts = Allowance(settings.stream_starts)
        self.appends = Allowance(settings.stream_appends)
        self.edits = Allowance(settings.edits)


class Answer:
    """One answer being written. `flush` is called by its owner's task, one call at a time."""

    def __init__(
        self,
        request: StreamRequest,
        key: str,
        on_posted: OnPosted,
        *,
        clients: Clients,
        posting: Posting,
        ledger: StreamLedger,
        airtime: Airtime,
    ) -> None:
        self.message: MessageRef | None = None
        self._request = request
        self._key = key
        self._on_posted = on_posted
        self._announced = False
        self._clients = clients
        self._posting = posting
        self._ledger = ledger
        self._airtime = airtime
        self._manner: Manner = "streamed" if request.where.thread else "edited"
        self._text = ""
        self._taken = 0
        self._shown = ""
        self._wait_until = 0.0

    def add(self, text: str) -> None:
        self._text += text

    @property
    def has_news(self) -> bool:
        return self._manner != "silent" and self._taken < min(settled_length(self._text), LONGEST_TEXT)

    async def flush(self) -> None:
        """Show what can be shown now. Raises nothing but what `on_posted` raises."""
        now = self._airtime.now()
        if not self.has_news or now < self._wait_until:
            return
        end = min(settled_length(self._text), LONGEST_TEXT)
        try:
            await self._show(end, now)
        except PlatformUnavailable as error:
            self._wait_until = now + (error.retry_after or 1.0)
        except PlatformUnclear:
            await self._doubt()
        except PlatformError as error:
            log.info("an answer cannot be shown while it is written: %s", error)
            self._manner = "edited" if self._manner == "streamed" else "silent"
        if self.message is not None and not self._announced:
            self._announced = True
            await self._on_posted(self.message)

    async def finish(self, markdown: str) -> bool:
        """Make the message say exactly this. False: it does not, or there is none."""
        message = self.message
        if message is None or len(markdown) > LONGEST_TEXT:
            await self.abandon()
            return False
        text, blocks = pages.text_fallback(markdown), pages.text_blocks(markdown)
        try:
            if self._manner == "streamed" and await self._stop(message, markdown):
                return True
            await self._posting.rewrite(message, text, blocks, key=self._key)
        except PlatformError as error:
            log.info("an answer has to be delivered again: %s", error)
            return False
        self._ledger.forget(message)
        return True

    async def abandon(self) -> None:
        """Leave the message as it is, but marked, and not growing."""
        message = self.message
        if message is None or self._manner != "streamed":
            return
        self._manner = "silent"
        channel, ts = message.where.channel, message.id
        with contextlib.suppress(PlatformError):
            try:
                with writing():
                    await self._clients.writes.chat_stopStream(channel=channel, ts=ts, metadata=marked(self._key))
            except SlackRefused:  # Slack has ended it already, and then takes no metadata any more
                text, blocks = pages.text_fallback(self._shown), pages.text_blocks(self._shown)
                await self._posting.rewrite(message, text, blocks, key=self._key)
            self._ledger.forget(message)

    async def _show(self, end: int, now: float) -> None:
        more, whole = neutralised(self._text[self._taken : end]), self._text[:end]
        if self.message is None:
            shown = await self._begin(whole, now)
        elif self._manner == "streamed":
            shown = await self._grow(self.message, more, now)
        else:
            shown = await self._rewrite(self.message, whole, now)
        if shown:
            self._taken, self._shown = end, self._shown + more

    async def _begin(self, text: str, now: float) -> bool:
        where, asker = self._request.where, self._request.asked_by
        if self._manner == "edited" or not self._airtime.starts.take(now):
            self._manner = "edited"
            self.message = await self._posting.post(where, Text(markdown=text), key=self._key)
            return True
        recipient: dict[str, Any] = (
            {} if self._request.direct else {"recipient_user_id": asker.id, "recipient_team_id": asker.space}
        )
        try:
            with writing():
                answer = await self._clients.writes.chat_startStream(
                    channel=where.channel, thread_ts=where.thread, markdown_text=neutralised(text), **recipient
                )
        except PlatformUnavailable as error:
            self._airtime.starts.close(now, error.retry_after or 1.0)
            self._manner = "edited"
            return False
        self.message = MessageRef(where=where, id=str(answer["ts"]))
        self._ledger.record(self.message, self._key)
        return True

    async def _grow(self, message: MessageRef, text: str, now: float) -> bool:
        if not self._airtime.appends.take(now):
            return False
        with writing():
            await self._clients.writes.chat_appendStream(
                channel=message.where.channel, ts=message.id, markdown_text=text
            )
        return True

    async def _rewrite(self, message: MessageRef, whole: str, now: float) -> bool:
        if not self._airtime.edits.take(now):
            return False
        text, blocks = pages.text_fallback(whole), pages.text_blocks(whole)
        await self._posting.rewrite(message, text, blocks, key=self._ledger.key_of(message))
        self._ledger.forget(message)
        return True

    async def _doubt(self) -> None:
        """Whether Slack has it or not, nobody knows: show the whole once it is known."""
        if self.message is None:
            self._manner = "silent"
        elif self._manner == "streamed":
            self._manner = "edited"
            with contextlib.suppress(PlatformError), writing():
                await self._clients.writes.chat_stopStream(channel=self.message.where.channel, ts=self.message.id)

    async def _stop(self, message: MessageRef, markdown: str) -> bool:
        """End the stream with what is missing. False: another way has to be found to say all of it."""
        whole = neutralised(markdown)
        rest = whole.removeprefix(self._shown) if whole.startswith(self._shown) else ""
        self._manner = "edited"
        try:
            with writing():
                await self._clients.writes.chat_stopStream(
                    channel=message.where.channel,
                    ts=message.id,
                    markdown_text=rest or None,
                    metadata=marked(self._key),
                )
        except (SlackRefused, PlatformUnclear):
            return False
        if whole != self._shown + rest:
            return False
        self._ledger.forget(message)
        return True
