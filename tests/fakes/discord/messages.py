"""A message: whose, where, and what it says now and said before."""

from typing import Any

from msgspec import Struct, field

from tests.fakes.discord.content import Content, Control

Json = dict[str, Any]
HAS_THREAD, EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 5, 1 << 6, 1 << 7, 1 << 15
PLAIN, REPLY, THREAD_STARTER, SLASH, CONTEXT = 0, 19, 21, 20, 23
SPOKEN = frozenset({PLAIN, REPLY, SLASH, CONTEXT})


class Attachment(Struct, kw_only=True, eq=False):
    id: str
    filename: str
    content: bytes
    channel: str
    content_type: str | None = None
    description: str | None = None
    gone: bool = False


class Snapshot(Struct, frozen=True, kw_only=True):
    """A message as an old client still shows it."""

    message: "Message"
    content: Content

    @property
    def id(self) -> str:
        return self.message.id

    @property
    def channel(self) -> str:
        return self.message.channel

    @property
    def text(self) -> str:
        return self.content.text

    @property
    def buttons(self) -> tuple[Control, ...]:
        return self.content.buttons


class Message(Struct, kw_only=True, eq=False):
    id: str
    channel: str
    author: str
    content: Content
    type: int = PLAIN
    flags: int = 0
    nonce: str | int | None = None
    reference: Json | None = None
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    mentions_everyone: bool = False
    webhook: str | None = None
    asked_by: Json | None = None  # the interaction that it answers
    edited_at: float | None = None
    seen_only_by: str | None = None
    deleted: bool = False
    past: list[Content] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.content.text

    @property
    def components(self) -> tuple[Json, ...]:
        return self.content.components

    @property
    def buttons(self) -> tuple[Control, ...]:
        return self.content.buttons

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    @property
    def accent(self) -> int | None:
        return self.content.accent

    @property
    def pings(self) -> tuple[str, ...]:
        return self.content.pings

    @property
    def is_ephemeral(self) -> bool:
        return self.seen_only_by is not None

    @property
    def is_loading(self) -> bool:
        """The app is still thinking about it."""
        return bool(self.flags & LOADING)

    @property
    def is_v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    def snapshot(self) -> Snapshot:
        return Snapshot(message=self, content=self.content)

    def says(self, content: Content) -> None:
        self.past.append(self.content)
        self.content = content


def render(message: Message | Snapshot, *, author: str = "") -> str:
    """A plain picture of a message, for logs and snapshots."""
    if isinstance(message, Snapshot):
        return _framed(author or message.message.author, message.content)
    accent = message.accent
    notes = [
        f"only for {message.seen_only_by}" if message.is_ephemeral else "",
        "thinking" if message.is_loading else "",
        f"#{accent:06x}" if accent is not None else "",
        "edited" if message.edited_at is not None else "",
        "deleted" if message.deleted else "",
    ]
    return _framed(" · ".join(filter(None, [author or message.author, *notes])), message.content)


def _framed(head: str, content: Content) -> str:
    return "\n".join([head, *(f"│ {line}" for line in content.text.splitlines())])
