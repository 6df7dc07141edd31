"""Socket Mode: single-use tickets, several sockets, acks with their times, and every way to lose a connection."""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from typing import Any, Literal

from aiohttp import WSMsgType, web
from msgspec import Struct, field

from tests.fakes.pulse import Pulse
from tests.fakes.record import Record
from tests.fakes.slack.envelopes import Envelope, Pending
from tests.fakes.slack.refusals import Refusal
from tests.fakes.slack.state import APP_ID

DisconnectReason = Literal["warning", "refresh_requested", "link_disabled"]
CLEAN_CLOSE = (1000, 1001)
MOST_SOCKETS = 10


class Socket(Struct, eq=False):
    number: int
    ticket: str
    line: web.WebSocketResponse
    transport: asyncio.Transport | None
    unacked: set[str] = field(default_factory=set)


class Ack(Struct, frozen=True, kw_only=True):
    envelope: Envelope
    took: float
    payload: Any
    late: bool
    socket: int


class SocketMode:
    def __init__(self, *, record: Record, pulse: Pulse) -> None:
        self._record = record
        self._pulse = pulse
        self._pending: dict[str, tuple[Pending, float]] = {}
        self._refusals_left = 0
        self._unanswered_left = 0
        self._closed = asyncio.Event()
        self.ack_deadline = 3.0
        self.sockets: list[Socket] = []
        self.acks: list[Ack] = []
        self.tickets: dict[str, bool] = {}  # ticket → still good
        self.refused: list[str] = []  # tickets that came to a handshake in vain
        self.opened = 0
        self.link_enabled = True
        self.on_open: Callable[[], None] = lambda: None

    # this side

    @property
    def connected(self) -> bool:
        return bool(self.sockets)

    def new_ticket(self) -> str:
        if not self.link_enabled:
            raise Refusal("link_disabled")
        ticket = secrets.token_hex(8)
        self.tickets[ticket] = True
        return ticket

    def refuse_handshakes(self, times: int) -> None:
        """Turn the next websocket handshakes away; each burns its ticket."""
        self._refusals_left = times

    def leave_handshakes_unanswered(self, times: int) -> None:
        """Take the next connections, and say nothing at all; each burns its ticket."""
        self._unanswered_left = times

    async def disconnect(self, reason: DisconnectReason) -> None:
        """Ask every socket to leave; `link_disabled` also refuses new ones, until `link_enabled` is set again."""
        if reason == "link_disabled":
            self.link_enabled = False
        for socket in list(self.sockets):
            await socket.line.send_json(_goodbye(reason))

    def drop(self) -> None:
        """Cut every TCP connection, as a network does: without a word."""
        for socket in list(self.sockets):
            if socket.transport is not None:
                socket.transport.abort()
            self._hang_up(socket, clean=False)

    async def close(self) -> None:
        self._closed.set()
        self._closed = asyncio.Event()
        for socket in list(self.sockets):
            await socket.line.close()

    async def send(self, envelope: Envelope) -> Pending:
        pending = Pending(envelope)
        if not self.sockets:
            pending.settle(failure="no socket")
            return pending
        socket = self.sockets[len(self._pending) % len(self.sockets)]
        socket.unacked.add(envelope.id)
        self._pending[envelope.id] = (pending, time.monotonic())
        timer = asyncio.get_running_loop().call_later(self.ack_deadline, self._give_up, pending)
        pending.receipt.add_done_callback(lambda _: timer.cancel())
        try:
            await socket.line.send_json(_frame(envelope))
        except (ConnectionError, RuntimeError):
            pending.settle(failure="connection lost")
        return pending

    def _give_up(self, pending: Pending) -> None:
        pending.settle(failure="timeout")
        self._pulse.beat()

    # the app's side

    async def accept(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        good, self.tickets[ticket] = self.tickets.get(ticket, False), False
        if self._refusals_left > 0 or not good or not self.link_enabled:
            self._refusals_left = max(0, self._refusals_left - 1)
            self.refused.append(ticket)
            self._pulse.beat()
            return web.Response(status=408, text="this ticket is not valid")
        if self._unanswered_left > 0:
            self._unanswered_left -= 1
            self._pulse.beat()
            await self._closed.wait()
            return web.Response(status=408, text="nobody waits for this any more")
        transport = request.transport  # gone from the request once it is a websocket
        line = web.WebSocketResponse()
        await line.prepare(request)
        self.opened += 1
        if len(self.sockets) >= MOST_SOCKETS:
            await line.send_json(_goodbye("too_many_websockets"))
            await line.close()
            return line
        socket = Socket(number=self.opened, ticket=ticket, line=line, transport=transport)
        await line.send_json(_hello(len(self.sockets) + 1))
        self.sockets.append(socket)
        self.on_open()
        self._pulse.beat()
        try:
            async for frame in line:
                if frame.type is WSMsgType.TEXT:
                    self._hear(socket, json.loads(frame.data))
        finally:
            self._hang_up(socket, clean=line.close_code in CLEAN_CLOSE)
        return line

    def _hear(self, socket: Socket, frame: dict[str, Any]) -> None:
        if self._record.capture is not None:
            self._record.capture("in", "ack", frame)
        pending, sent_at = self._pending.get(frame.get("envelope_id", ""), (None, 0.0))
        if pending is None:
            self._record.violation("ack", "unknown_envelope", "no envelope has this id", frame)
            return
        took, payload = time.monotonic() - sent_at, frame.get("payload")
        in_time = pending.settle(took=took, payload=payload)
        socket.unacked.discard(pending.envelope.id)
        self.acks.append(
            Ack(envelope=pending.envelope, took=took, payload=payload, late=not in_time, socket=socket.number)
        )
        self._pulse.beat()

    def _hang_up(self, socket: Socket, *, clean: bool) -> None:
        """After a clean close the acks may still come over the next socket; after an abrupt one nothing comes."""
        if socket in self.sockets:
            self.sockets.remove(socket)
        if not clean:
            for envelope_id in socket.unacked:
                self._pending[envelope_id][0].settle(failure="connection lost")
        self._pulse.beat()


def _frame(envelope: Envelope) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "envelope_id": envelope.id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        frame |= {"retry_attempt": envelope.retry_attempt, "retry_reason": envelope.retry_reason}
    return frame


def _hello(connections: int) -> dict[str, Any]:
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": {"host": "applink-loopback", "build_number": 1, "approximate_connection_time": 18060},
        "connection_info": {"app_id": APP_ID},
    }


def _goodbye(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-loopback"}}
