"""A server behind an address: the SDK's streamable HTTP, with a limit to what one answer may weigh."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
from mcp.client.streamable_http import streamable_http_client

from runtime.mcp.course import Course
from runtime.mcp.spec import ServerSpec

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

HEAVIEST_ANSWER = 4 << 20  # bytes
_CONNECT = 30.0
_QUIET = 300.0  # how long a stream may say nothing


@asynccontextmanager
async def open_http(spec: ServerSpec, course: Course) -> "AsyncIterator[TransportStreams]":
    """Carry messages to and from the address. Redirects stay on its host, headers go nowhere else."""
    headers = {"Accept-Encoding": "identity", **spec.headers}

    async def remark(response: httpx2.Response) -> None:
        if response.status_code in (401, 403) or response.status_code >= 500:
            course.remark = f"HTTP {response.status_code}"

    timeout = httpx2.Timeout(_CONNECT, read=max(_QUIET, spec.timeout))
    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, event_hooks={"response": [remark, _limit]}) as client,
        streamable_http_client(spec.url, http_client=client, max_sse_event_size=HEAVIEST_ANSWER) as streams,
    ):
        yield streams


async def _limit(response: httpx2.Response) -> None:
    """Whatever is not a stream of events is read as a whole, so it must end; and nothing is unpacked."""
    if "content-encoding" in response.headers:
        del response.headers["content-encoding"]
    if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
        response.stream = _Limited(response.stream)


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: object) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = HEAVIEST_ANSWER
        async for chunk in self._stream:  # type: ignore[attr-defined]  # the two kinds of stream share no base
            left -= len(chunk)
            if left < 0:
                raise httpx2.StreamError(f"the answer has more than {HEAVIEST_ANSWER >> 20} MB")
            yield chunk

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()
