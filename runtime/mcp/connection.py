"""An open session with a server. Nobody who asks it something waits for it longer than they want to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any, TypeVar

import anyio
from mcp import Client, MCPError
from mcp.client import IncomingMessage
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp_types import (
    CONNECTION_CLOSED,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    InputRequiredResult,
    Tool,
    ToolListChangedNotification,
)
from pydantic import TypeAdapter, ValidationError

from runtime.mcp.course import Course
from runtime.mcp.faults import CutOff, Nonsense, Refused, ServerAway
from runtime.mcp.http import open_http
from runtime.mcp.listing import Listing, read_listing
from runtime.mcp.murmur import Murmur, silence_sdk
from runtime.mcp.spec import ServerSpec
from runtime.mcp.stdio import open_stdio

OnProgress = Callable[[str], Awaitable[None]]
T = TypeVar("T")

_ANSWER: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)
_MOST_PAGES = 50
_PAUSE = 5.0  # before asking again for news that stopped coming
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError)


class Connection:
    """What can be asked of a server. Sampling, elicitation and roots are not offered to it."""

    def __init__(self, spec: ServerSpec, course: Course, murmur: Murmur, client: Client) -> None:
        self.spec, self.course = spec, course
        self._murmur, self._client = murmur, client
        self._jobs: set[asyncio.Task[Any]] = set()

    @property
    def introduction(self) -> str:
        """Who the server says it is, and the protocol that was agreed on."""
        who = self._client.server_info
        name = self._murmur.told(f"{who.name} {who.version}") if who else "a server without a name"
        return f"{name}, protocol {self._client.protocol_version}"

    async def list_offers(self, within: float) -> Listing:
        """What it offers now, asked anew. Raises ServerAway where it does not say so within these seconds."""
        try:
            async with asyncio.timeout(within):
                return read_listing(self.spec, await self._asked(self._list_all()))
        except TimeoutError:
            raise ServerAway(f"it did not list its tools within {within:g} seconds") from None
        except Refused as error:
            raise ServerAway(f"it does not list its tools: {error}") from None
        except (CutOff, Nonsense) as error:
            raise ServerAway(str(error)) from None

    async def call(self, name: str, arguments: dict[str, Any], on_progress: OnProgress) -> CallToolResult:
        """Call a tool. Raises CutOff, Refused or Nonsense. When cancelled, the server is told to stop."""
        answer = await self._asked(self._call(name, arguments, on_progress))
        if isinstance(answer, InputRequiredResult):
            raise Refused("it wants to ask a model or a person something first, which Mallard does not let it")
        return answer

    async def follow_changes(self) -> None:
        """Set `changed` when the server says that its tools are others now. A newer protocol wants to be asked for that."""
        with suppress(ListenNotSupportedError, MCPError):
            while not self.course.over.is_set():
                with suppress(SubscriptionLost):
                    async with self._client.listen(tools_list_changed=True) as news:
                        async for _ in news:
                            self.course.changed.set()
                await asyncio.sleep(_PAUSE)
                self.course.changed.set()

    async def drop_jobs(self) -> None:
        for job in self._jobs:
            job.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=1)

    async def _asked(self, work: Coroutine[Any, Any, T]) -> T:
        """The answer, or the end of the connection, whichever comes first; a caller who leaves is not held up."""
        job, over = asyncio.ensure_future(work), asyncio.ensure_future(self.course.over.wait())
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        job.add_done_callback(_forget)
        try:
            await asyncio.wait({job, over}, return_when=asyncio.FIRST_COMPLETED)
            if job.done() and not job.cancelled():
                return job.result()
            raise CutOff(self.course.why or "the connection was closed")
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                raise CutOff(self.course.why or "the connection was closed") from None
            raise Refused(self._murmur.told(error.message)) from None
        except ValidationError as error:
            raise Nonsense(f"what it answered is not valid ({error.error_count()} faults)") from None
        except _GONE:
            raise CutOff(self.course.why or "the connection was closed") from None
        finally:
            over.cancel()
            job.cancel()

    async def _list_all(self) -> list[Tool]:
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None:
                return found
        raise Nonsense(f"its list of tools has more than {_MOST_PAGES} pages")

    async def _call(
        self, name: str, arguments: dict[str, Any], on_progress: OnProgress
    ) -> CallToolResult | InputRequiredResult:
        """Not through `call_tool`, which throws a result away where it does not fit the tool's own schema."""

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            if message:
                await on_progress(self._murmur.told(message) + "\n")

        request = CallToolRequest(params=CallToolRequestParams(name=name, arguments=arguments))
        return await self._client.session.send_request(request, _ANSWER, progress_callback=tell)


@asynccontextmanager
async def connect(spec: ServerSpec, course: Course, murmur: Murmur) -> AsyncIterator[Connection]:
    """Open a session. Raises whatever keeps it from opening, at the latest once the time to start is over."""
    silence_sdk()

    async def heed(message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            course.changed.set()

    client = Client(
        open_http(spec, course) if spec.url else open_stdio(spec, course, murmur),
        client_info=Implementation(name="mallard", version=version("mallard")),
        message_handler=heed,
        cache=None,
    )
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(spec.start_timeout):
            await stack.enter_async_context(client)
        connection = Connection(spec, course, murmur, client)
        try:
            yield connection
        finally:
            await connection.drop_jobs()


def _forget(job: "asyncio.Task[Any]") -> None:
    """Its caller may have left: asking for the exception here keeps it from being reported as lost."""
    if not job.cancelled():
        job.exception()
