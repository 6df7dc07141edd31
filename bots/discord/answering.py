"""An answer that people see being written: one message that is edited as it grows.

What is shown is provisional: whatever goes wrong here, `finish` makes the message say exactly what was committed,
or says that it could not.
"""

import asyncio
import logging
from collections import OrderedDict

from bots.discord.places import message_of
from bots.discord.posting import Posting
from bots.discord.settings import LONGEST_TEXT, DiscordSettings
from bots.discord.wording import mended
from runtime.contents import Text
from runtime.errors import PlatformError, PlatformUnavailable
from runtime.pace import Allowance
from runtime.ports import OnPosted, StreamRequest
from runtime.records import MessageRef

log = logging.getLogger(__name__)

_EVERYWHERE = 40  # requests in a second that answers may use; Discord allows fifty in all
_REMEMBERED = 1_000


class Airtime:
    """How often answers may be changed: some times in each channel, so that a card's change is never kept waiting."""

    def __init__(self, settings: DiscordSettings) -> None:
        self._edits = settings.edits
        self._window = settings.edit_window
        self._everywhere = Allowance(_EVERYWHERE, window=1.0)
        self._channels: OrderedDict[int, Allowance] = OrderedDict()

    def take(self, channel: int, now: float) -> bool:
        return self._in(channel).take(now) and self._everywhere.take(now)

    def close(self, channel: int, now: float, seconds: float) -> None:
        self._in(channel).close(now, seconds)

    def _in(self, channel: int) -> Allowance:
        if channel not in self._channels:
            self._channels[channel] = Allowance(self._edits, window=self._window)
            if len(self._channels) > _REMEMBERED:
                self._channels.popitem(last=False)
        return self._channels[channel]


class Answer:
    """`runtime.streaming.Writer` for Discord."""

    def __init__(
        self, request: StreamRequest, key: str, on_posted: OnPosted, *, posting: Posting, airtime: Airtime
    ) -> None:
        self._message: MessageRef | None = None
        self._request = request
        self._key = key
        self._on_posted = on_posted
        self._announced = False
        self._posting = posting
        self._airtime = airtime
        self._silent = False
        self._text = ""
        self._shown = ""
        self._wait_until = 0.0

    @property
    def message(self) -> MessageRef | None:
        return self._message

    @property
    def has_news(self) -> bool:
        return not self._silent and len(self._shown) < min(len(self._text), LONGEST_TEXT)

    def add(self, text: str) -> None:
        self._text += text

    async def flush(self) -> None:
        """Show what can be shown now. Raises nothing but what `on_posted` raises."""
        now = asyncio.get_running_loop().time()
        text = self._text[:LONGEST_TEXT]
        if not self.has_news or not text.strip() or now < self._wait_until:
            return
        try:
            if await self._show(text, now):
                self._shown = text
        except PlatformUnavailable as error:
            self._wait(now, error.retry_after or 1.0)
        except PlatformError as error:  # it may stand there: whoever delivers the answer looks for it by its key
            log.info("an answer cannot be shown while it is written: %s", error)
            self._silent = True
        if self._message is not None and not self._announced:
            self._announced = True
            await self._on_posted(self._message)

    async def finish(self, markdown: str) -> bool:
        """Make the message say exactly this. False: it does not, or there is none."""
        self._silent = True
        if self._message is None or len(markdown) > LONGEST_TEXT:
            return False
        if markdown == self._shown == mended(self._shown):
            return True
        try:
            await self._posting.edit(self._message, Text(markdown=markdown))
        except PlatformError as error:
            log.info("an answer has to be delivered again: %s", error)
            return False
        return True

    async def abandon(self) -> None:
        """It has borne its mark since it was posted, so nothing is left to do."""
        self._silent = True

    async def _show(self, text: str, now: float) -> bool:
        said = Text(markdown=mended(text))
        if self._message is None:
            self._message = await self._posting.post(self._request.where, said, key=self._key)
            return True
        if not self._airtime.take(message_of(self._message)[0], now):
            return False
        await self._posting.edit(self._message, said)
        return True

    def _wait(self, now: float, seconds: float) -> None:
        self._wait_until = now + seconds
        if self._message is not None:
            self._airtime.close(message_of(self._message)[0], now, seconds)
