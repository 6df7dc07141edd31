"""A reply while it is being written."""

import asyncio
from typing import TYPE_CHECKING

from runtime.models.faults import Passing
from runtime.models.port import Delta
from runtime.models.replies import StreamedReply, read_chunks
from runtime.models.wire import read_parts

if TYPE_CHECKING:
    import httpx

DRAIN_S = 1.0


class OpenStream:
    """An answer of server-sent events. `reply` is what came so far."""

    def __init__(self, response: "httpx.Response", timeout_s: float) -> None:
        self._response = response
        self._chunks = read_chunks(read_parts(response))
        self._timeout_s = timeout_s
        self._over = False
        self.reply = StreamedReply()

    async def begin(self) -> Delta:
        """The first piece. Raises Passing as `next` does, and where there is none."""
        first = await self.next()
        if first is None:
            raise Passing("its answer was empty")
        return first

    async def next(self) -> Delta | None:
        """The next piece that says something, None at the end. Raises Passing where the stream breaks or stalls."""
        if self._over:
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                async for chunk in self._chunks:
                    if not chunk:
                        self.reply.ended = True
                        break
                    delta = self.reply.add(chunk)
                    if delta.text or delta.reasoning:
                        return delta
        except TimeoutError:
            raise Passing(f"nothing came for {self._timeout_s:g} seconds") from None
        if not self.reply.ended:
            raise Passing("its stream broke off")
        self._over = True
        held = self.reply.finish()
        return held if held.text or held.reasoning else None

    async def close(self) -> None:
        """Give the connection back, or up where the server still sends."""
        try:
            if self._over:
                async with asyncio.timeout(DRAIN_S):
                    async for _ in self._chunks:
                        pass
        except (TimeoutError, Passing):
            pass  # the answer is whole: what the connection does now is of no interest
        finally:
            await self._response.aclose()
