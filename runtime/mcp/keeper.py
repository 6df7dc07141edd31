"""One server, kept running: started in the background, started again when it ends, and never waited for without end."""

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from runtime.mcp.course import Course
from runtime.mcp.faults import CutOff, Nonsense, Refused, ServerAway, check_not_cancelled, words_of
from runtime.mcp.listing import Listing, Offer
from runtime.mcp.murmur import Murmur
from runtime.mcp.spec import ServerSpec
from runtime.mcp.tool import McpTool, standing_of
from runtime.tools.uninterrupted import to_the_end

if TYPE_CHECKING:
    from mcp_types import CallToolResult

    from runtime.mcp.connection import Connection

_PATIENCE = 10.0  # seconds that a run waits for a server that is away
_LONGEST_PAUSE = 60.0
_STEADY = 60.0  # a server that stayed this long did not fail at its start
_FAREWELL = 5.0  # for the end of a connection that is to be closed
_BREATH = 1.0  # between two looks at what a server says has changed

log = logging.getLogger(__name__)


class Keeper:
    """`tools` are those of the last listing, also while the server is away: a call then says so."""

    def __init__(self, spec: ServerSpec, *, first_pause: float = 1.0, patience: float = _PATIENCE) -> None:
        self.spec = spec
        self.tools: tuple[McpTool, ...] = ()
        self.left_out: tuple[str, ...] = ()
        self.why_away = "it has not been started yet"
        self._first_pause, self._patience = first_pause, patience
        self._connection: Connection | None = None
        self._here, self._tried, self._wanted = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._failed = asyncio.Event()  # another one for each attempt
        self._is_trying = False
        self._running, self._worn = 0, False
        self._first: dict[str, str] = {}  # the version of each tool when it was first seen

    async def keep(self) -> None:
        """Run until cancelled; then nothing of the server is left."""
        while True:
            pauses = wait_exponential(multiplier=self._first_pause, max=_LONGEST_PAUSE)
            retrying = AsyncRetrying(
                wait=pauses, retry=retry_if_exception_type(ServerAway), before_sleep=self._tell, sleep=self._rest
            )
            async for attempt in retrying:
                with attempt:
                    await self._serve()

    async def settle(self) -> None:
        """Until the first attempt to start has ended, well or ill; not longer than a run may wait."""
        if not self._tried.is_set():
            await _within(self._patience, self._tried.wait)

    async def settle_for_one(self) -> None:
        """For somebody who wants one of its tools: where none was ever listed, until it is here; not too long either."""
        if not self.tools:
            await self._wait()

    async def until_here(self) -> "Connection":
        """The open connection. Raises ServerAway with a sentence where there is none in time.

        Whoever waits here cuts the pause before the next attempt short, and waits no longer than until that has failed. One
        that had begun before may have missed the server by a moment: that one's failure tells nothing yet.
        """
        await self._wait()
        if self._connection is None:
            raise ServerAway(f"The MCP server {self.spec.name} is away: {self.why_away}.")
        return self._connection

    async def _wait(self) -> None:
        missed = self._failed if self._is_trying else None  # looked at now: asking begins the next one at once
        self._wanted.set()

        async def has_failed() -> None:
            if missed is not None:
                await missed.wait()
            await self._failed.wait()

        if not self._here.is_set():
            await _within(self._patience, lambda: _first_of(self._here.wait, has_failed))

    async def look_again(self) -> Listing:
        """What the server offers at this moment. A connection that turns out to be dead is opened anew, once."""
        for attempt in (1, 2):
            connection = await self.until_here()
            try:
                # One that does a single thing at a time answers only after what it does for others.
                listing = await connection.list_offers(self.spec.timeout if self._running else self._patience)
            except ServerAway as error:
                if self._running and not connection.course.over.is_set():
                    raise ServerAway(f"The MCP server {self.spec.name} is busy with other calls: {error}.") from None
                connection.course.end(str(error), asked_for=attempt == 1)
                await _within(_FAREWELL, connection.course.closed.wait)
                continue
            self._adopt(listing)
            return listing
        raise ServerAway(f"The MCP server {self.spec.name} is away: {self.why_away}.")

    async def call(
        self, name: str, arguments: dict[str, Any], on_output: Callable[[str], Awaitable[None]]
    ) -> "CallToolResult":
        """Call a tool, within the server's time. What is given up ends with its server, once nobody else is using it."""
        connection = await self.until_here()
        self._running += 1
        given_up = True
        try:
            async with asyncio.timeout(self.spec.timeout):
                result = await connection.call(name, arguments, on_output)
            given_up = False
            return result
        except (CutOff, Refused, Nonsense):
            given_up = False
            raise
        finally:
            self._running -= 1
            self._worn |= given_up and bool(self.spec.command)
            if self._worn and not self._running:
                connection.course.end("a call was given up", asked_for=True)
                if given_up:
                    await to_the_end(_within(_FAREWELL, connection.course.closed.wait))

    async def _serve(self) -> None:
        """Connect, and stay until the connection is over. Raises ServerAway where it ended early or badly."""
        loop, course, murmur = asyncio.get_running_loop(), Course(), Murmur(self.spec.name, self.spec.secrets)
        began, has_arrived = loop.time(), False
        self._wanted.clear()
        self._is_trying = True
        try:
            await asyncio.to_thread(importlib.import_module, "mcp")  # a second's work, not the event loop's
            from runtime.mcp.connection import connect

            async with connect(self.spec, course, murmur) as connection:
                self._adopt(await connection.list_offers(self.spec.start_timeout))
                self._arrive(connection)
                has_arrived = True
                await self._watch(connection)
        except Exception as error:
            course.end(murmur.told(course.explain(words_of(error))))
        finally:
            course.closed.set()
            self._depart(course.why)
            self._tried.set()
        check_not_cancelled()
        if not has_arrived:
            self._failed.set()
            self._failed = asyncio.Event()
        if not course.asked_for and loop.time() - began < _STEADY:
            raise ServerAway(course.why)

    async def _watch(self, connection: "Connection") -> None:
        """Until the connection is over, take in what the server says has changed."""
        following = asyncio.ensure_future(connection.follow_changes())
        try:
            await self._take_in(connection)
        finally:
            following.cancel()
            await asyncio.wait({following})

    async def _take_in(self, connection: "Connection") -> None:
        course = connection.course
        while not course.over.is_set():
            await _first_of(course.over.wait, course.changed.wait)
            if course.over.is_set():
                return
            course.changed.clear()
            self._adopt(await connection.list_offers(self.spec.start_timeout))
            await _within(_BREATH, course.over.wait)

    def _arrive(self, connection: "Connection") -> None:
        self._is_trying = False
        self._connection, self._worn, self.why_away = connection, False, ""
        self._here.set()
        self._tried.set()
        log.info("mcp server %s: %s, %d tools", self.spec.name, connection.introduction, len(self.tools))

    def _depart(self, why: str) -> None:
        self._is_trying = False
        self._connection, self.why_away = None, why or "it was stopped"
        self._here.clear()

    def _adopt(self, listing: Listing) -> None:
        if listing.left_out != self.left_out:
            for words in listing.left_out:
                log.warning("mcp server %s: left out: %s", self.spec.name, words)
        self.left_out = listing.left_out
        if tuple(offer.version for offer in listing.offers) != tuple(tool.version for tool in self.tools):
            self.tools = tuple(map(self._tool, listing.offers))

    def _tool(self, offer: Offer) -> McpTool:
        is_changed = self._first.setdefault(offer.name, offer.version) != offer.version
        return McpTool(keeper=self, offer=offer, standing=standing_of(self.spec, offer, is_changed=is_changed))

    async def _rest(self, seconds: float) -> None:
        await _within(seconds, self._wanted.wait)

    def _tell(self, state: RetryCallState) -> None:
        pause = state.next_action.sleep if state.next_action else 0.0
        log.warning("mcp server %s is away: %s; tried again in %.0f s", self.spec.name, self.why_away, pause)


async def _within(seconds: float, wait: Callable[[], Awaitable[object]]) -> None:
    """Wait, but not longer than this."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wait()


async def _first_of(*waits: Callable[[], Coroutine[Any, Any, object]]) -> None:
    tasks = [asyncio.ensure_future(wait()) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
