"""A message: whose, where, and what it says now and said before."""

from typing import Any, Literal

from msgspec import Struct, field

from tests.fakes.slack.content import Content, Control
from tests.fakes.slack.files import File

Json = dict[str, Any]
StreamState = Literal["streaming", "stopped", "broken"]


class Snapshot(Struct, frozen=True, kw_only=True):
    """A message as an old client still shows it."""

    channel: str
    ts: str
    thread_ts: str | None
    content: Content

    @property
    def text(self) -> str:
        return self.content.text

    @property
    def buttons(self) -> tuple[Control, ...]:
        return self.content.buttons


class Stream(Struct, kw_only=True):
    state: StreamState = "streaming"
    markdown: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    plan_title: str | None = None
    extra_blocks: list[Json] = field(default_factory=list)
    plan_mode: bool = False
    touched_at: float = 0.0


class Message(Struct, kw_only=True, eq=False):
    channel: str
    ts: str
    user: str
    team: str
    content: Content
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    inviter: str | None = None
    broadcast: bool = False
    files: list[File] = field(default_factory=list)
    metadata: Json | None = None
    edited: Json | None = None
    seen_only_by: str | None = None
    deleted: bool = False
    stream: Stream | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    past: list[Content] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.content.text

    @property
    def fallback(self) -> str:
        return self.content.fallback

    @property
    def blocks(self) -> tuple[Json, ...]:
        return self.content.blocks

    @property
    def buttons(self) -> tuple[Control, ...]:
        return self.content.buttons

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    @property
    def pings(self) -> tuple[str, ...]:
        return self.content.pings

    @property
    def thread(self) -> str:
        """The ts of the thread that it belongs to or would open."""
        return self.thread_ts or self.ts

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_ephemeral(self) -> bool:
        return self.seen_only_by is not None

    @property
    def is_streaming(self) -> bool:
        return self.stream is not None and self.stream.state == "streaming"

    def snapshot(self) -> Snapshot:
        return Snapshot(channel=self.channel, ts=self.ts, thread_ts=self.thread_ts, content=self.content)

    def says(self, content: Content) -> None:
        self.past.append(self.content)
        self.content = content


def render(message: Message | Snapshot, *, author: str = "") -> str:
    """A plain picture of a message, for logs and snapshots."""
    if isinstance(message, Snapshot):
        return _framed(f"{author or '?'}", message.content)
    notes = [
        f"only for {message.seen_only_by}" if message.is_ephemeral else "",
        "streaming" if message.is_streaming else "",
        "edited" if message.edited else "",
        "deleted" if message.deleted else "",
        *(f":{name}: {len(users)}" for name, users in message.reactions.items()),
    ]
    indent = "    " if message.is_reply else ""
    head = " · ".join(filter(None, [author or message.user, *notes]))
    return "\n".join(indent + line for line in _framed(head, message.content).splitlines())


def _framed(head: str, content: Content) -> str:
    return "\n".join([head, *(f"│ {line}" for line in content.text.splitlines())])
