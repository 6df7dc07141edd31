"""Slack, as the runtime sees it. The libraries are loaded when a platform is started, not before."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bots.slack.inbound import PLATFORM
from bots.slack.redaction import redacted
from bots.slack.settings import LONGEST_TEXT, SlackSettings
from runtime.connection import ConnectionState, Health
from runtime.contents import Content
from runtime.errors import PlatformUnavailable
from runtime.ports import Clock, Limits, Seen, Stream, StreamRequest
from runtime.records import Attachment, ConversationRef, IncomingMessage, MessageRef, UserRef

if TYPE_CHECKING:
    from aiohttp import web

    from bots.slack.workspace import Workspace
    from runtime.door import Door

LIMITS = Limits(text=LONGEST_TEXT, pieces=6, streams=True, edits=True)

_ENDED_PAUSE = 300.0


class SlackPlatform:
    """`runtime.ports.Platform` for one workspace."""

    def __init__(self, settings: SlackSettings, clock: Clock) -> None:
        settings.check()
        self._settings = settings
        self._clock = clock
        self._state = _new_state()
        self._workspace: Workspace | None = None

    @property
    def name(self) -> str:
        return PLATFORM

    @property
    def limits(self) -> Limits:
        return LIMITS

    def health(self) -> Health:
        """Whether messages arrive now, for `/readyz` and for people."""
        return self._state.health()

    async def start(self, door: "Door") -> None:
        from bots.slack.workspace import Workspace

        self._state = _new_state()
        self._workspace = await Workspace.enter(self._settings, self._clock, self._state, door)

    async def stop(self) -> None:
        workspace, self._workspace = self._workspace, None
        if workspace is not None:
            await workspace.leave()

    async def receive_http(self, request: "web.Request") -> "web.StreamResponse":
        """HTTP mode's endpoint, to be mounted by a web server: checks Slack's signature, answers in time."""
        from aiohttp import web

        if self._workspace is None or self._settings.mode != "http":
            return web.Response(status=503, text="not listening")
        return await self._workspace.connection.receive(request)

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        return await self._here().posting.post(where, content, key=key)

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        await self._here().posting.edit(message, content, key=key)

    def open_stream(self, request: StreamRequest) -> Stream:
        return self._here().studio.open(request)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        return await self._here().posting.find_posted(where, key, since, streamed=streamed)

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return replace(message.where, thread=message.where.thread or message.id)

    async def direct_message(self, user: UserRef) -> ConversationRef:
        return await self._here().membership.direct_message(user)

    async def fetch(self, attachment: Attachment) -> Attachment:
        from bots.slack import files

        return await files.fetch(self._here().clients, self._settings, attachment)

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return await self._here().membership.is_member(user, where)

    def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        return self._here().catch_up.messages(seen, since)

    def _here(self) -> "Workspace":
        if self._workspace is None:
            raise PlatformUnavailable("Slack is not started")
        if self._state.ended:
            raise PlatformUnavailable(f"Slack: {self._state.ended}", retry_after=_ENDED_PAUSE)
        return self._workspace


def _new_state() -> ConnectionState:
    return ConnectionState("Slack", redacted=redacted)
