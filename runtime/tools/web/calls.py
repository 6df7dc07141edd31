"""What a request is before it is sent: an address that can be judged, headers that are the caller's to set. Pure."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from runtime.tools.failure import ToolFailed

READING = ("GET", "HEAD")
_PLAIN_HEADERS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match", "range"})
_NOT_TO_SET = frozenset(
    {
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "accept-encoding", "cookie", "forwarded", "via",
    }
)  # fmt: skip


def read_url(text: str) -> httpx.URL:
    """An address of the web without anything hidden in it. Raises ToolFailed with words."""
    try:
        url = httpx.URL(text)
        port = url.port
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise ToolFailed(f"This is no address that can be read: {error}.") from error
    if url.scheme not in ("http", "https"):
        raise ToolFailed(f"Only http and https addresses can be asked, not {url.scheme or 'one without a scheme'}.")
    if not url.host:
        raise ToolFailed("The address names no host.")
    if url.userinfo or "@" in urlsplit(text).netloc:
        raise ToolFailed(
            "An address must not hold a name or a password. Put credentials into a header, which is asked about."
        )
    if port is not None and not 0 < port < 65_536:
        raise ToolFailed(f"There is no port {port}.")
    return url.copy_with(fragment=None)


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises ToolFailed for what would make another request of this one, or pretends to be somebody's browser session."""
    for name, value in headers.items():
        lowered = name.lower()
        if not name or not all(
            character.isascii() and (character.isalnum() or character in "-_") for character in name
        ):
            raise ToolFailed(f"{name!r} is no name of a header.")
        if lowered in _NOT_TO_SET or lowered.startswith(("proxy-", "sec-")):
            raise ToolFailed(f"The header {name} is not a caller's to set.")
        if not value.isascii() or not value.isprintable():
            raise ToolFailed(f"The header {name} holds characters that no header can hold.")


def are_plain(headers: Mapping[str, str]) -> bool:
    """Whether these headers only say which form of a page is wanted."""
    return all(name.lower() in _PLAIN_HEADERS for name in headers)


def headers_for(headers: Mapping[str, str], body: str | None) -> dict[str, str]:
    """With the kind of the body, where nobody said it."""
    if body is None or any(name.lower() == "content-type" for name in headers):
        return dict(headers)
    return {**headers, "Content-Type": "application/json" if _is_json(body) else "text/plain; charset=utf-8"}


def headers_after(headers: Mapping[str, str], before: httpx.URL, after: httpx.URL) -> dict[str, str]:
    """What goes along to where a redirect leads: what belongs to one host stays there."""
    if _origin(before) == _origin(after):
        return dict(headers)
    return {name: value for name, value in headers.items() if name.lower() in _PLAIN_HEADERS}


def redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads. Raises ToolFailed."""
    try:
        return read_url(str(url.join(location)))
    except (httpx.InvalidURL, ValueError) as error:
        raise ToolFailed(f"It redirects to something that is no address: {location[:200]}") from error


def method_after(method: str, status: int) -> str | None:
    """How a redirect is followed; None where following would send a call that people saw to where they did not see."""
    if method in READING:
        return method
    return "GET" if status == 303 or (status in (301, 302) and method == "POST") else None


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
