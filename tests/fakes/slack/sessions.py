"""What an agent shows beside its messages: session states, the status line, suggested prompts."""

from dataclasses import dataclass, field
from typing import Literal, get_args

SessionStatus = Literal["processing", "active", "suspended", "closed"]
SESSION_STATUSES: frozenset[str] = frozenset(get_args(SessionStatus))
STATUS_LIFETIME = 120.0


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    channel: str
    thread_ts: str
    status: str
    title: str
    past: list[str] = field(default_factory=list)

    def becomes(self, status: str) -> None:
        self.past.append(self.status)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    channel: str
    thread_ts: str
    text: str
    loading_messages: tuple[str, ...]
    set_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    title: str
    message: str
