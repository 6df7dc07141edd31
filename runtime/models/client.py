"""Language models behind OpenAI-compatible endpoints."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runtime.errors import ModelRefused, ModelUnavailable
from runtime.models.endpoint import Endpoint, Learned
from runtime.models.faults import Passing
from runtime.models.port import Delta, ModelReply, ModelRequest, Role
from runtime.models.replies import read_reply
from runtime.models.retrying import retried
from runtime.models.streaming import OpenStream
from runtime.models.wire import Wire, read_body
from runtime.tls import trust

if TYPE_CHECKING:
    import httpx

KEPT_CONNECTIONS = 16


@asynccontextmanager
async def open_model(endpoints: Mapping[Role, Endpoint]) -> AsyncIterator["OpenAICompatibleModel"]:
    """The model client with a connection pool of its own, closed at the end."""
    import httpx  # slow to import, and a Mallard without a language model never needs it

    # httpcore asks every idle connection at every request how it is: a few of them serve faster than many.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS)
    async with httpx.AsyncClient(verify=trust(), limits=limits) as http:
        yield OpenAICompatibleModel(endpoints, http)


class OpenAICompatibleModel:
    """The Model port over chat completions. A role without an endpoint is refused; all share the connections of `http`.

    What may pass is tried up to four times, as late as the server asks; where that is later than in a minute, it is unavailable
    until then. Keys are in no message and no log.
    """

    is_language_model = True

    def __init__(
        self,
        endpoints: Mapping[Role, Endpoint],
        http: "httpx.AsyncClient",
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoints = dict(endpoints)
        learned: defaultdict[tuple[str, str], Learned] = defaultdict(Learned)
        self._wires = {
            role: Wire(endpoint, http, learned[endpoint.url, endpoint.model])
            for role, endpoint in self._endpoints.items()
        }
        self._sleep = sleep

    async def complete(self, request: ModelRequest) -> ModelReply:
        endpoint, wire = self._served(request.role)
        started = time.monotonic()

        async def attempt() -> ModelReply:
            try:
                async with asyncio.timeout(endpoint.timeout_s):
                    body = await read_body(await wire.send(request, stream=False))
            except TimeoutError:
                raise Passing(f"it took longer than {endpoint.timeout_s:g} seconds") from None
            return read_reply(body, _since(started))

        return await retried(attempt, endpoint, sleep=self._sleep)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        """As the port says. A stream that breaks before its first piece is opened anew, a later one is not."""
        endpoint, wire = self._served(request.role)
        started = time.monotonic()

        async def attempt() -> tuple[OpenStream, Delta]:
            opened = OpenStream(await wire.send(request, stream=True), endpoint.timeout_s)
            try:
                return opened, await opened.begin()
            except BaseException:
                await opened.close()
                raise

        opened, first = await retried(attempt, endpoint, sleep=self._sleep)
        try:
            delta: Delta | None = first
            while delta is not None:
                yield delta
                delta = await opened.next()
            reply = opened.reply.whole(_since(started))
        except Passing as fault:
            raise ModelUnavailable(f"{endpoint.shown} stopped in the middle of its answer: {fault}.") from None
        finally:
            await opened.close()
        yield reply

    def _served(self, role: Role) -> tuple[Endpoint, Wire]:
        if role not in self._endpoints:
            raise ModelRefused(
                f"No model is configured for the role {role}: set MALLARD_MODEL_BASE_URL and MALLARD_MODEL_NAME."
            )
        return self._endpoints[role], self._wires[role]


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
