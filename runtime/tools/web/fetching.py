"""Asking the web: one request after another, along redirects, each judged anew before anything is sent."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from runtime.records import Effect, Observation, Risk
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment
from runtime.tools.web.addresses import Address, read_address
from runtime.tools.web.apart import read_html_apart
from runtime.tools.web.body import ENCODINGS, Body, read_body
from runtime.tools.web.calls import (
    READING,
    are_plain,
    check_headers,
    headers_after,
    headers_for,
    method_after,
    read_url,
    redirected,
)
from runtime.tools.web.kinds import Kind, is_text, kind_of, read_plain
from runtime.tools.web.reach import Border, Reach, Resolve, resolve

if TYPE_CHECKING:
    from runtime.tools.http_request import HttpRequestArguments

_MOST_BYTES = 2_000_000
_MOST_REDIRECTS = 5
_MOST_SHOWN = 40
_AGENT = "Mallard"
_PATIENCE = httpx.Timeout(20.0, connect=10.0)
_REDIRECTS = (301, 302, 303, 307, 308)


class Fetcher:
    """`allowed` are private hosts that the operator opens. Where `resolver` is None, this machine's is asked."""

    def __init__(
        self, allowed: frozenset[str], is_public: Callable[[Address], bool], resolver: Resolve | None = None
    ) -> None:
        self._border = Border(allowed=allowed, is_public=is_public)
        self._resolve = resolver or resolve

    def assess(self, arguments: "HttpRequestArguments") -> Assessment:
        url = read_url(arguments.url)
        check_headers(arguments.headers)
        self._check_literal(url)
        reads = arguments.method in READING
        if reads and arguments.body is not None:
            raise ToolFailed(f"A {arguments.method} request has no body.")
        plain = reads and are_plain(arguments.headers)
        return Assessment(
            risk=Risk.LOW if plain else Risk.HIGH,
            why_asked=_why(arguments, url, reads=reads, plain=plain),
            effect=Effect.NONE if reads else Effect.EXTERNAL,
            sends_out=True,
            reads_untrusted=True,
        )

    async def fetch(self, arguments: "HttpRequestArguments") -> Observation:
        url, method, body = read_url(arguments.url), str(arguments.method), arguments.body
        headers = headers_for(arguments.headers, body)
        hops, arrived = 0, ""
        while True:
            try:
                answer = await self._ask(method, url, headers, body)
            except ToolFailed as failed:
                if not arrived:
                    raise
                return Observation(ok=False, text=f"{arrived} {failed}", error=failed.code)
            if isinstance(answer, Observation):
                return answer
            response, content = answer
            following = method_after(method, response.status_code) if _leads_on(response) else None
            if following is None:
                return await _told(response, content, url, hops)
            if hops == _MOST_REDIRECTS:
                raise ToolFailed(f"{url.host} redirects more than {_MOST_REDIRECTS} times.", code="redirects")
            after = redirected(url, response.headers["location"])
            headers, hops = headers_after(headers, url, after), hops + 1
            if following != method:  # what was sent has arrived: only what came of it is fetched
                arrived = f"The {method} was answered with {response.status_code}; where that leads was not read."
                headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
                body = None
            method, url = following, after

    async def _ask(
        self, method: str, url: httpx.URL, headers: dict[str, str], body: str | None
    ) -> tuple[httpx.Response, Body] | Observation:
        """One request, no redirect followed. A failure after something was sent says that it may have arrived."""
        sent = {"User-Agent": _AGENT, "Accept": "*/*", **headers, "Accept-Encoding": ENCODINGS}
        # No client of the library's: it would keep cookies, follow where it is led, and look around for proxies and passwords.
        request = httpx.Request(method, url, headers=sent, content=body, extensions={"timeout": _PATIENCE.as_dict()})
        try:
            async with Reach(self._border, self._resolve) as reach:
                response = await reach.handle_async_request(request)
                response.request = request
                try:
                    return response, await read_body(response, _MOST_BYTES)
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ToolFailed(f"{url.host} cannot be reached: {_said(error)}", code="unreachable") from error
        except (httpx.HTTPError, ToolFailed) as error:
            if method in READING or getattr(error, "code", "") in ("no_host", "not_public"):
                raise _failure(url, error) from error
            words = f"{url.host} was sent this, and no whole answer came back: {_said(error)}"
            return Observation(ok=False, text=words, error="outcome_unknown")

    def _check_literal(self, url: httpx.URL) -> None:
        """An address that is written out needs no resolver to be refused. Raises ToolFailed."""
        port = url.port or (443 if url.scheme == "https" else 80)
        if url.host == "localhost" or url.host.endswith(".localhost"):
            self._border.check(url.host, port, read_address("127.0.0.1"))
        try:
            address = read_address(url.host)
        except ValueError:
            return
        self._border.check(url.host, port, address)


def _why(arguments: "HttpRequestArguments", url: httpx.URL, *, reads: bool, plain: bool) -> str:
    host = _shown(url)
    if plain:
        return f"It reads from {host}. Who runs that host sees the address that is asked for."
    if reads:
        return f"It reads from {host} and sends headers of its own along, which may hold a key."
    size = f"{len(arguments.body.encode()):,} bytes" if arguments.body else "nothing"
    return f"It sends {size} to {host} with {arguments.method}, which may change something there."


def _shown(url: httpx.URL) -> str:
    """A host as people read it, and as machines do where that is not the same."""
    written = url.raw_host.decode("ascii")
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}" if written == url.host else f"{url.host}{port} ({written})"


def _leads_on(response: httpx.Response) -> bool:
    return response.status_code in _REDIRECTS and bool(response.headers.get("location"))


async def _told(response: httpx.Response, body: Body, url: httpx.URL, hops: int) -> Observation:
    kind = kind_of(response.headers.get("content-type", ""))
    size, status = len(body.content), response.status_code
    head = f"{status} {response.reason_phrase} · {kind.type or 'no type'} · {size:,} bytes{'' if body.is_whole else ' read'}"
    lines = [head, f"{url}" + (f" (after {hops} redirect{'s' if hops > 1 else ''})" if hops else "")]
    if location := response.headers.get("location"):
        lines.append(f"Location: {location[:2_000]}")
    if response.request.method == "HEAD":
        shown = [(name, value) for name, value in response.headers.items() if name != "set-cookie"][:_MOST_SHOWN]
        lines += [f"{name}: {value[:500]}" for name, value in shown]
    elif size:
        lines += ["", await _text_of(kind, body, str(url))]
    if not body.is_whole:
        lines.append(f"[only the first {size:,} bytes were read]")
    return Observation(
        ok=status < 400,
        text="\n".join(lines),
        error="" if status < 400 else f"http_{status}",
        metadata={"status": status, "url": str(url), "type": kind.type, "bytes": size, "whole": body.is_whole},
    )


async def _text_of(kind: Kind, body: Body, url: str) -> str:
    if not is_text(kind, body.content):
        return f"[this is not text: {kind.type or 'of no named type'}, {len(body.content):,} bytes]"
    if not kind.is_html:
        return read_plain(kind, body.content)
    return await read_html_apart(kind, body.content, url)


def _failure(url: httpx.URL, error: Exception) -> ToolFailed:
    return error if isinstance(error, ToolFailed) else ToolFailed(f"{url.host} failed: {_said(error)}", code="failed")


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
