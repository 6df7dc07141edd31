"""Gateway sessions: what each was told, in order, so that it can be told again after a break."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tests.fakes.discord import intents

if TYPE_CHECKING:
    from tests.fakes.discord.sockets import Socket

Json = dict[str, Any]
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11

LONGEST_LOG = 5000  # more than can ever be told again


class Session(Struct, eq=False):
    id: str
    intents: int
    sequence: int = 0
    log: deque[Json] = field(default_factory=lambda: deque(maxlen=LONGEST_LOG))
    socket: "Socket | None" = None
    left_at: float = 0.0

    @property
    def reads_content(self) -> bool:
        return bool(self.intents & intents.MESSAGE_CONTENT)

    def wants(self, needed: int) -> bool:
        return not needed or bool(self.intents & needed)

    def tell(self, event: str, payload: Any) -> Json:
        """Into the log, and onto the wire if somebody listens."""
        self.sequence += 1
        frame: Json = {"op": DISPATCH, "t": event, "s": self.sequence, "d": payload}
        self.log.append(frame)
        if self.socket is not None:
            self.socket.send(frame)
        return frame

    def missed_since(self, sequence: int) -> list[Json]:
        return [frame for frame in self.log if frame["s"] > sequence]


class Event(Struct, frozen=True, kw_only=True):
    """What happened, as each session may hear of it; None: not at all."""

    name: str
    needed: int
    told: Callable[[Session], Any]
    about: str = ""


class Sessions:
    """All that are attached to a socket or may still be resumed, for `resumable_for` seconds on the clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sessions: dict[str, Session] = {}
        self.resumable_for = 180.0
        self.replay_limit = 1000
        self.begun = 0

    def begin(self, wanted: int, socket: "Socket") -> Session:
        self.begun += 1
        session = Session(id=f"{self.begun:032x}", intents=wanted, socket=socket)
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str, sequence: int) -> Session | None:
        """The session to resume; None when it is over, or when too much was missed."""
        self._forget_old()
        session = self._sessions.get(session_id)
        if session is None or sequence > session.sequence:
            return None
        return session if len(session.missed_since(sequence)) <= self.replay_limit else None

    def end(self, session: Session) -> None:
        self._sessions.pop(session.id, None)

    def leave(self, session: Session) -> None:
        """Its socket is gone; it may come back."""
        session.socket, session.left_at = None, self._now()

    @property
    def attached(self) -> list[Session]:
        return [session for session in self._sessions.values() if session.socket is not None]

    @property
    def any_left(self) -> bool:
        """Whether somebody listens, or may come back to what was said."""
        self._forget_old()
        return bool(self._sessions)

    def tell(self, event: Event) -> bool:
        """Whether anybody hears it now, or will after a resume."""
        self._forget_old()
        heard = False
        for session in list(self._sessions.values()):
            if session.wants(event.needed) and (payload := event.told(session)) is not None:
                session.tell(event.name, payload)
                heard = True
        return heard

    def _forget_old(self) -> None:
        for session in list(self._sessions.values()):
            if session.socket is None and self._now() - session.left_at > self.resumable_for:
                self.end(session)
