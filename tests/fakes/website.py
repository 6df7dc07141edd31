"""A web server on a loopback address that sends the very bytes it is told to, and remembers what it was sent."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeAlias

from msgspec import Struct

Serve: TypeAlias = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


class Asked(Struct, frozen=True, kw_only=True):
    """One request as it arrived. Names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def answer(content: bytes | str = b"", *, status: int = 200, type_: str = "text/plain", **headers: str) -> bytes:
    """A whole response. A header's underscores become hyphens."""
    body = content.encode() if isinstance(content, str) else content
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"Content-Type: {type_}"] if type_ else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def leads_to(where: str, status: int = 302, **headers: str) -> bytes:
    return answer(status=status, Location=where, **headers)


@dataclass(kw_only=True)
class Website:
    """`pages` are responses by path, or functions that write them; anything else is 404."""

    pages: dict[str, bytes | Serve] = field(default_factory=dict)
    host: str = "127.0.0.1"
    certificate: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        self._release = asyncio.Event()
        self._serving = set[asyncio.Task[None]]()
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self.certificate)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release.set()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.gather(*self._serving)  # Python 3.11 does not wait for them

    async def hangs(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """A page that says nothing until all is over."""
        await self._release.wait()

    async def drips(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """A page that never ends, a byte at a time."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while not self._release.is_set():
            writer.write(b".")
            await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await self._release.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            asked = await _read(reader)
            self.asked.append(asked)
            page = self.pages.get(asked.path, answer("not here", status=404))
            if isinstance(page, bytes):
                writer.write(page)
                await writer.drain()
            else:
                await page(asked, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    return Asked(
        method=method, path=path, headers=headers, body=await reader.readexactly(int(headers.get("content-length", 0)))
    )
