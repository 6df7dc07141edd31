"""One websocket of the gateway: frames out in order, compressed as the client asked, and the count of frames in."""

import asyncio
import json
import time
import zlib
from collections import deque
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.sessions import ACK, HELLO, INVALID, RECONNECT, Session
from tests.fakes.record import Record

Json = dict[str, Any]
MOST_FRAMES, FRAME_WINDOW = 120, 60.0
_OPS = {HELLO: "HELLO", ACK: "HEARTBEAT_ACK", INVALID: "INVALID_SESSION", RECONNECT: "RECONNECT"}


class Socket:
    def __init__(self, line: web.WebSocketResponse, transport: asyncio.Transport | None, *, record: Record) -> None:
        self.line = line
        self.session: Session | None = None
        self.our_code = 0  # with which we sent it away
        self._transport = transport
        self._record = record
        self._deflate: Any = None
        self._outbox: asyncio.Queue[Json | int] = asyncio.Queue()
        self._arrivals: deque[float] = deque()
        self._patience: asyncio.TimerHandle | None = None
        self._writer = asyncio.get_running_loop().create_task(self._write())

    def compress(self) -> None:
        """zlib-stream: one stream for the whole connection, flushed after every frame."""
        self._deflate = zlib.compressobj()

    def send(self, frame: Json) -> None:
        """Goes out after everything that was sent before it."""
        name = frame.get("t") or _OPS.get(frame["op"], str(frame["op"]))
        self._record.sent(str(name), frame["d"])
        self._outbox.put_nowait(frame)

    def close(self, code: int) -> None:
        """After everything that was sent before it."""
        self.our_code = self.our_code or code
        self._outbox.put_nowait(code)

    def cut(self) -> None:
        """The network is gone, without a word."""
        if self._transport is not None:
            self._transport.abort()

    def expect_heartbeat(self, within: float) -> None:
        """A client that is not heard of within that time is sent away."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience = asyncio.get_running_loop().call_later(within, self.close, 4009)

    def counted(self) -> bool:
        """Count a frame of the client's; False when they are too many."""
        now = time.monotonic()
        self._arrivals.append(now)
        while now - self._arrivals[0] > FRAME_WINDOW:
            self._arrivals.popleft()
        return len(self._arrivals) <= MOST_FRAMES

    async def frames(self) -> Any:
        async for message in self.line:
            if message.type is WSMsgType.TEXT:
                yield message.data

    async def end(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while True:
                frame = await self._outbox.get()
                if isinstance(frame, int):
                    await self.line.close(code=frame)
                    return
                await self._put(json.dumps(frame, separators=(",", ":")).encode())
        except (ConnectionError, RuntimeError):  # they left while we spoke
            return

    async def _put(self, text: bytes) -> None:
        if self._deflate is None:
            await self.line.send_str(text.decode())
        else:
            await self.line.send_bytes(self._deflate.compress(text) + self._deflate.flush(zlib.Z_SYNC_FLUSH))
