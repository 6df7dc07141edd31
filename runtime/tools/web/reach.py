"""The way out to the web: a name is resolved once, what it leads to is judged, and that very address is connected to."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence

import httpx
from msgspec import Struct

from runtime.tls import trust
from runtime.tools.failure import ToolFailed
from runtime.tools.web.addresses import Address, is_public, may_be_opened, read_address

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_MOST_TRIED = 4


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine finds them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class Border(Struct, frozen=True, kw_only=True):
    """What may be reached. `allowed` are private hosts that the operator opens, as `host` or `host:port`."""

    allowed: Collection[str] = ()
    is_public: Callable[[Address], bool] = is_public

    def check(self, host: str, port: int, address: Address) -> None:
        """Raises ToolFailed for an address that is not everybody's."""
        named = f"[{host}]" if ":" in host else host
        opened = bool({named, f"{named}:{port}"} & set(self.allowed)) and may_be_opened(address)
        if not opened and not self.is_public(address):
            raise ToolFailed(
                f"{host} leads to {address}, which is not a public address. Nothing was sent there.", code="not_public"
            )


class Reach(httpx.AsyncBaseTransport):
    """Sends one request to an address that was judged. The name stands in Host and is what a certificate must be for."""

    def __init__(self, border: Border, resolve: Resolve = resolve) -> None:
        self._border = border
        self._resolve = resolve
        # Never kept open: a connection made for one name must not carry a request for another at the same address.
        self._inner = httpx.AsyncHTTPTransport(
            verify=trust(), limits=httpx.Limits(max_connections=1, max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.raw_host.decode("ascii").removeprefix("[").removesuffix("]")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await self._send(request, host, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send(request, host, addresses[-1])

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        """Each of them is judged before any of them is connected to."""
        try:
            found = [read_address(text) for text in await self._resolve(host, port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise ToolFailed(
                f"There is no host called {host}, or it cannot be looked up now.", code="no_host"
            ) from error
        if not found:
            raise ToolFailed(f"{host} has no address.", code="no_host")
        for address in found:
            self._border.check(host, port, address)
        return found[:_MOST_TRIED]

    async def _send(self, request: httpx.Request, host: str, address: Address) -> httpx.Response:
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
        )
