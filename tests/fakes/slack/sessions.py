"""What an agent shows beside its messages: session states, the status line, suggested prompts."""

from typing import Literal, get_args

from msgspec import Struct, field

SessionStatus = Literal["processing", "active", "suspended", "closed"]
SESSION_STATUSES: frozenset[str] = frozenset(get_args(SessionStatus))
STATUS_LIFETIME = 120.0


class Session(Struct, kw_only=True, eq=False):
    channel: str
    thread_ts: str
    status: str
    title: str
    past: list[str] = field(default_factory=list)

    def becomes(self, status: str) -> None:
        self.past.append(self.status)
        self.status = status


class StatusLine(Struct, frozen=True, kw_only=True):
    channel: str
    thread_ts: str
    text: str
    loading_messages: tuple[str, ...]
    set_at: float


class Prompt(Struct, frozen=True, kw_only=True):
    title: str
    message: str
