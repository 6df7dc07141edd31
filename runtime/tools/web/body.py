"""What came back, as bytes and never too many of them, however they were packed."""

import zlib
from collections.abc import Callable

import httpx
from msgspec import Struct

from runtime.tools.failure import ToolFailed

ENCODINGS = "gzip"


class Body(Struct, frozen=True, kw_only=True):
    """`is_whole` is False where there was more than was read."""

    content: bytes
    is_whole: bool


async def read_body(response: httpx.Response, limit: int) -> Body:
    """At most `limit` bytes, packed and unpacked. Raises ToolFailed for a packing that was not asked for."""
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    content, packed = bytearray(), 0
    async for chunk in response.aiter_raw():
        packed += len(chunk)
        try:
            content += unpack(chunk, limit + 1 - len(content))
        except zlib.error as error:
            raise ToolFailed("What came back is packed in a way that cannot be unpacked.", code="broken") from error
        if len(content) > limit or packed > limit:
            return Body(content=bytes(content[:limit]), is_whole=False)
    return Body(content=bytes(content), is_whole=True)


class _Inflating:
    """Unpacks no more than there is room for: what a few bytes blow up to is never made."""

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)

    def __call__(self, chunk: bytes, room: int) -> bytes:
        return self._inflate.decompress(chunk, max(room, 1))


def _plain(chunk: bytes, room: int) -> bytes:
    return chunk[: max(room, 0)]


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            return _plain
        case "gzip" | "x-gzip":
            return _Inflating(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Inflating(zlib.MAX_WBITS)
        case other:
            raise ToolFailed(f"What came back is packed as {other[:40]!r}, which was not asked for.", code="broken")
