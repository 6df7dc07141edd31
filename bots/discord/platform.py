"""Discord, as the runtime sees it. The library is loaded when a platform is started, not before."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bots.discord.places import PLATFORM, mark_of
from bots.discord.redaction import SECRETS
from bots.discord.settings import LONGEST_TEXT, DiscordSettings
from runtime.connection import ConnectionState, Health
from runtime.contents import Content
from runtime.errors import PlatformUnavailable
from runtime.ports import Clock, Limits, Seen, Stream, StreamRequest
from runtime.records import Attachment, ConversationRef, IncomingMessage, MessageRef, UserRef
from runtime.redaction import redacted

if TYPE_CHECKING:
    from bots.discord.guildhall import Guildhall
    from runtime.door import Door

LIMITS = Limits(text=LONGEST_TEXT, pieces=6, streams=True, edits=True)

_ENDED_PAUSE = 300.0


class DiscordPlatform:
    """`runtime.ports.Platform` for one bot, on all servers that it serves."""

    def __init__(self, settings: DiscordSettings, clock: Clock) -> None:
        settings.check()
        self._settings = settings
        self._clock = clock
        self._state = _new_state()
        self._hall: Guildhall | None = None

    @property
    def name(self) -> str:
        return PLATFORM

    @property
    def limits(self) -> Limits:
        return LIMITS

    def health(self) -> Health:
        """Whether messages arrive now, for `/readyz` and for people."""
        health = self._state.health()
        if self._hall is None or not (health.ok and self._hall.limitation):
            return health
        return replace(health, words=f"{health.words}; {self._hall.limitation}")

    async def start(self, door: "Door") -> None:
        from bots.discord.guildhall import Guildhall

        self._state = _new_state()
        self._hall = await Guildhall.enter(self._settings, self._clock, self._state, door)

    async def stop(self) -> None:
        hall, self._hall = self._hall, None
        if hall is not None:
            await hall.leave()

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        return await self._here().posting.post(where, content, key=key)

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        await self._here().posting.edit(message, content, mark=mark_of(key) if key else 0)

    def open_stream(self, request: StreamRequest) -> Stream:
        return self._here().studio.open(request)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        return await self._here().posting.find_posted(where, key, since)

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return self._here().posting.thread_on(message, request)

    async def direct_message(self, user: UserRef) -> ConversationRef:
        return await self._here().membership.direct_message(user)

    async def fetch(self, attachment: Attachment) -> Attachment:
        return await self._here().files.fetch(attachment)

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return await self._here().membership.is_member(user, where)

    def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        return self._here().catch_up.messages(seen, since)

    def _here(self) -> "Guildhall":
        if self._hall is None:
            raise PlatformUnavailable("Discord is not started")
        if self._state.ended:
            raise PlatformUnavailable(f"Discord: {self._state.ended}", retry_after=_ENDED_PAUSE)
        return self._hall


def _new_state() -> ConnectionState:
    return ConnectionState("Discord", redacted=lambda text: redacted(text, SECRETS))
