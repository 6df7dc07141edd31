"""A platform that obeys: what is posted stands there, and what a test hooks in comes first."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.contents import Card, Content, File, Page, Text
from runtime.door import Door
from runtime.ports import Limits, OnPosted, Seen, StreamRequest
from runtime.records import (
    Attachment,
    ConversationRef,
    IncomingMessage,
    MessageRef,
    UserRef,
)
from tests.runtime.papers import ALICE, BOB, MALLORY


class Standing(Struct):
    where: ConversationRef
    key: str
    content: Content


class Wall(Struct):
    """`runtime.ports.Platform`. What is hooked in for a verb is awaited before it is done, and may raise in its place.
    `marks_streams` says whether a stream bears its key while it grows."""

    name: str = "slack"
    limits: Limits = field(default_factory=lambda: Limits(text=10_000, pieces=3, streams=True))
    messages: dict[str, Standing] = field(default_factory=dict)
    hooks: dict[str, Callable[..., Awaitable[None]]] = field(default_factory=dict)
    members: set[UserRef] = field(default_factory=lambda: {ALICE, BOB, MALLORY})
    asked_for_members: int = 0
    missed: list[IncomingMessage] = field(default_factory=list)
    marks_streams: bool = True

    async def before(self, verb: str, *about: object) -> None:
        if verb in self.hooks:
            await self.hooks[verb](*about)

    async def start(self, door: Door) -> None:
        """Tests knock at the door themselves."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        await self.before("post", where, content)
        message = MessageRef(where=where, id=str(len(self.messages) + 1))
        self.messages[message.id] = Standing(where, key, content)
        await self.before("posted", message, content)
        return message

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        await self.before("edit", message, content)
        standing = self.messages[message.id]
        standing.content, standing.key = content, key or standing.key

    def open_stream(self, request: StreamRequest) -> "WallStream":
        return WallStream(self, request)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        await self.before("find_posted", where, key, streamed)
        found = next((id_ for id_, standing in self.messages.items() if standing.key == key), None)
        return None if found is None else MessageRef(where=where, id=found)

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return replace(message.where, thread=message.where.thread or message.id)

    async def direct_message(self, user: UserRef) -> ConversationRef:
        await self.before("direct_message", user)
        return ConversationRef(platform="slack", space="T1", channel=f"D-{user.id}")

    async def fetch(self, attachment: Attachment) -> Attachment:
        return attachment

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        self.asked_for_members += 1
        await self.before("is_member", user, where)
        return user in self.members

    async def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        await self.before("catch_up")
        for message in self.missed:
            yield message

    def texts(self, channel: str | None = None) -> list[str]:
        return [
            standing.content.markdown
            for standing in self.messages.values()
            if isinstance(standing.content, Text) and channel in (None, standing.where.channel)
        ]

    def cards(self) -> list[Card]:
        return [standing.content for standing in self.messages.values() if isinstance(standing.content, Card)]

    def files(self) -> list[File]:
        return [standing.content for standing in self.messages.values() if isinstance(standing.content, File)]

    def pages(self) -> list[Page]:
        return [standing.content for standing in self.messages.values() if isinstance(standing.content, Page)]


class WallStream:
    def __init__(self, wall: Wall, request: StreamRequest) -> None:
        self._wall, self._request = wall, request
        self._key = ""
        self._on_posted: OnPosted | None = None
        self._text = ""
        self.message: MessageRef | None = None

    async def status(self, text: str) -> None:
        await self._wall.before("status", text)

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        self._key, self._on_posted = key, on_posted

    async def append(self, text: str) -> None:
        self._text += text
        if self.message is not None:
            await self._wall.edit(self.message, Text(markdown=self._text))
            return
        key = self._key if self._wall.marks_streams else ""
        self.message = await self._wall.post(self._request.where, Text(markdown=self._text), key=key)
        assert self._on_posted is not None
        await self._on_posted(self.message)

    async def finish_answer(self, markdown: str) -> bool:
        await self._wall.before("finish_answer", markdown)
        if self.message is None:
            return False
        await self._wall.edit(self.message, Text(markdown=markdown))
        return True

    async def close(self, *, suspended: bool) -> None:
        await self._wall.before("close", suspended)
