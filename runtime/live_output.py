"""What a running tool says, while it says it: its last line as the run's status, and the end of it all in a message.

The message is provisional, like everything that shows work under way: where it cannot be posted or edited, nothing
else changes.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from runtime.contents import Text
from runtime.errors import PlatformError
from runtime.ports import Platform, Stream
from runtime.records import ConversationRef, MessageRef, ToolCall
from runtime.tools.port import OnOutput

LINES = 20
_WIDTH = 160
_PATIENCE = 5.0  # of a call that has ended, or that somebody stops, with a platform that is slow
_ROOM = LINES * (_WIDTH + 1)

log = logging.getLogger(__name__)


class Pace(Struct, frozen=True, kw_only=True):
    """Seconds: a call that is over `before` has no message; then it is changed every `between` at most."""

    before: float = 3.0
    between: float = 3.0


class LiveOutput:
    """The end of one call's output in one message of its own."""

    def __init__(self, platform: Platform, where: ConversationRef, call: ToolCall, key: str, pace: Pace) -> None:
        self._platform, self._where, self._call, self._key, self._pace = platform, where, call, key, pace
        self._text = ""
        self._shown = ""
        self._news = asyncio.Event()
        self._message: MessageRef | None = None

    def add(self, text: str) -> None:
        self._text = (self._text + text)[-_ROOM:]
        self._news.set()

    async def keep_showing(self) -> None:
        """Until cancelled. The first words wait, for most calls are over before anybody could read them."""
        await asyncio.sleep(self._pace.before)
        while True:
            await self._news.wait()
            self._news.clear()
            await self._show("is running; so far")
            await asyncio.sleep(self._pace.between)

    async def close(self) -> None:
        """The message stays, and says that it will not go on."""
        if self._message is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._show("has ended; its last lines")

    async def _show(self, state: str) -> None:
        content = Text(markdown=f"`{self._call.tool}` {state}:\n{_fenced(self._text)}")
        if content.markdown == self._shown:
            return
        try:
            if self._message is None:
                self._message = await self._platform.post(self._where, content, key=self._key)
            else:
                await self._platform.edit(self._message, content, key=self._key)
            self._shown = content.markdown
        except PlatformError as error:
            log.info("the output of call %d is not shown: %s", self._call.id, error)
        except Exception:  # a fault of ours in showing must not end what is shown
            log.exception("the output of call %d is not shown", self._call.id)


@asynccontextmanager
async def showing_output(
    stream: Stream, platform: Platform | None, where: ConversationRef, call: ToolCall, *, key: str, pace: Pace
) -> AsyncIterator[OnOutput]:
    """Where a call's output goes while the block runs. Whatever the platform does wrong is no concern of the call."""
    if platform is None or not platform.limits.edits:
        yield _last_line_to(stream, call)
        return
    live, last_line = LiveOutput(platform, where, call, key, pace), _last_line_to(stream, call)

    async def show(text: str) -> None:
        live.add(text)
        await last_line(text)

    showing = asyncio.create_task(live.keep_showing(), name=f"output of call {call.id}")
    try:
        yield show
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing
        await live.close()


def _last_line_to(stream: Stream, call: ToolCall) -> OnOutput:
    """Shows the newest line of a tool's output as the run's status."""

    async def show(text: str) -> None:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            await stream.status(f"{call.tool}: {lines[-1][:80]}")

    return show


def _fenced(text: str) -> str:
    """The last lines, each cut to a width, in a fence that they cannot end."""
    lines = [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…" for line in text.rstrip().splitlines()[-LINES:]]
    return "\n".join(["```text", *(line.replace("```", "'''") for line in lines), "```"])
