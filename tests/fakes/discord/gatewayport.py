"""What the gateway says to a client: Hello, Identify, Ready, heartbeats, Resume; and when it hangs up."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.discord import intents
from tests.fakes.discord.frames import FRAMES, UNKNOWN_OP, UNREADABLE, read_frame
from tests.fakes.discord.sessions import (
    ACK,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID,
    RESUME,
    Event,
    Session,
    Sessions,
)
from tests.fakes.discord.sockets import Socket
from tests.fakes.discord.state import State
from tests.fakes.discord.wire import guild_json, user_json
from tests.fakes.pulse import Pulse
from tests.fakes.record import Record

Json = dict[str, Any]
CLEAN_CLOSE = (1000, 1001)
IDENTIFIES_A_DAY = 1000


class GatewayPort:
    def __init__(self, *, state: State, record: Record, pulse: Pulse, token: str) -> None:
        self._state = state
        self._record = record
        self._pulse = pulse
        self._token = token
        self._refusals_left = 0
        self._holding: set[str] | None = set()
        self.sessions = Sessions(state.clock.now)
        self.sockets: list[Socket] = []
        self.url = ""
        self.heartbeat_interval = 41.25
        self.grace = 10.0  # so much later a heartbeat may come
        self.acking = True
        self.is_down = False
        self.copies = 1
        self.held: list[Event] = []
        self.sent: list[Event] = []
        self.lost: list[Event] = []
        self.ops: list[int] = []  # of the frames that came in
        self.closed: list[int] = []  # the codes with which sockets ended
        self.refused = 0
        self.on_identify: Callable[[], None] = lambda: None

    async def accept(self, request: web.Request) -> web.StreamResponse:
        if self.is_down or self._refusals_left > 0:
            self._refusals_left = max(0, self._refusals_left - 1)
            self.refused += 1
            self._pulse.beat()
            return web.Response(status=503, text="upstream trouble")
        transport = request.transport  # gone from the request once it is a websocket
        line = web.WebSocketResponse(timeout=1.0)  # a client that hangs is not waited for
        await line.prepare(request)
        socket = Socket(line, transport, record=self._record)
        if request.query.get("compress") == "zlib-stream":
            socket.compress()
        self.sockets.append(socket)
        try:
            await self._converse(socket, request)
        finally:
            self.closed.append(socket.our_code or line.close_code or 1006)
            self._hang_up(socket)
            await socket.end()
        return line

    async def _converse(self, socket: Socket, request: web.Request) -> None:
        if (request.query.get("v"), request.query.get("encoding")) != ("10", "json"):
            self._breach(socket, 4012, f"asked for {dict(request.query)}; v=10 and encoding=json are spoken here")
        socket.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_interval * 1000), "_trace": []}})
        socket.expect_heartbeat(self.heartbeat_interval + self.grace)
        async for text in socket.frames():
            self._hear(socket, text)
            self._pulse.beat()

    def _hear(self, socket: Socket, text: str) -> None:
        if not socket.counted():
            return self._breach(socket, 4008, "more than 120 frames within a minute")
        op, payload, wrong = read_frame(text)
        if wrong:
            return self._breach(socket, UNREADABLE if op in FRAMES or op < 0 else UNKNOWN_OP, wrong)
        self.ops.append(op)
        if self._record.capture is not None and op != HEARTBEAT:
            self._record.capture("in", "IDENTIFY" if op == IDENTIFY else f"OP {op}", payload)
        match op:
            case _ if op == HEARTBEAT:
                self._heartbeat(socket, payload)
            case _ if op == IDENTIFY:
                self._identify(socket, payload)
            case _ if op == RESUME:
                self._resume(socket, payload)
            case _ if socket.session is None:
                self._breach(socket, 4003, f"op {op} before IDENTIFY")
        return None

    def _heartbeat(self, socket: Socket, sequence: int | None) -> None:
        if socket.session is not None and (sequence or 0) > socket.session.sequence:
            return self._breach(socket, 4007, f"a heartbeat names {sequence}, the last was {socket.session.sequence}")
        socket.expect_heartbeat(self.heartbeat_interval + self.grace)
        if self.acking:
            socket.send({"op": ACK, "d": None})
        return None

    def _identify(self, socket: Socket, payload: Json) -> None:
        wanted = int(payload["intents"])
        if socket.session is not None:
            return self._breach(socket, 4005, "identified twice")
        if payload["token"] != self._token:
            return socket.close(4004)
        if wanted & ~intents.KNOWN:
            return self._breach(socket, 4013, f"unknown intents {wanted & ~intents.KNOWN:b}")
        if wanted & intents.PRIVILEGED & ~self._privileges:
            return socket.close(4014)
        if self.sessions.begun >= IDENTIFIES_A_DAY:
            return self._breach(socket, 4004, f"identified more than {IDENTIFIES_A_DAY} times a day")
        self.on_identify()
        socket.session = self.sessions.begin(wanted, socket)
        self._welcome(socket.session)
        return None

    @property
    def _privileges(self) -> int:
        granted = intents.MESSAGE_CONTENT if self._state.message_content else 0
        return granted | (intents.MEMBERS if self._state.members_intent else 0)

    def _welcome(self, session: Session) -> None:
        state = self._state
        guilds = [guild for guild in state.guilds.values() if state.bot.id in guild.members]
        ready = {
            "v": 10,
            "user": user_json(state.bot) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "private_channels": [],
            "relationships": [],
            "application": {"id": state.app, "flags": state.flags},
        }
        session.tell("READY", ready)
        for guild in guilds:
            self._introduce(session, guild.id)

    def _introduce(self, session: Session, guild_id: str) -> None:
        """Tell this session of a guild, unless such news is held."""
        guild = self._state.guilds[guild_id]
        told = Event(
            name="GUILD_CREATE",
            needed=intents.GUILDS,
            told=lambda to: guild_json(self._state, guild) if to is session and guild.available else None,
        )
        if self._holding is None or told.name in self._holding:
            self.held.append(told)
        else:
            self.sessions.tell(told)

    def _resume(self, socket: Socket, payload: Json) -> None:
        if payload["token"] != self._token:
            return socket.close(4004)
        session = self.sessions.find(payload["session_id"], payload["seq"])
        if session is None:
            return socket.send({"op": INVALID, "d": False})
        if session.socket is not None and session.socket is not socket:
            session.socket.session = None
            session.socket.close(4000)
        session.socket = socket
        socket.session = session
        for frame in session.missed_since(payload["seq"]):
            socket.send(frame)
        session.tell("RESUMED", {"_trace": []})
        return None

    def _breach(self, socket: Socket, code: int, words: str) -> None:
        self._record.violation("gateway", str(code), words)
        socket.close(code)
        self._pulse.beat()

    def _hang_up(self, socket: Socket) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)
        session, socket.session = socket.session, None
        if session is not None and session.socket is socket:
            left_for_good = socket.line.close_code in CLEAN_CLOSE and not socket.our_code
            self.sessions.end(session) if left_for_good else self.sessions.leave(session)
        self._pulse.beat()
