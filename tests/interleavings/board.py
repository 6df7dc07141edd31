"""The chat platform outside all processes: what was posted stands there, and sometimes it does not do its part."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from msgspec import Struct, field

from runtime.contents import Card, Content, Text
from runtime.door import Door
from runtime.errors import PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.ports import Limits, OnPosted, Seen, StreamRequest
from runtime.records import Attachment, ConversationRef, IncomingMessage, MessageRef, UserRef
from tests.interleavings.gates import Gates, Killed

PLATFORM = "slack"


class Standing(Struct, kw_only=True):
    id: str
    where: ConversationRef
    key: str
    content: Content


class Board(Struct):
    """All messages, oldest first. `troubles` are taken one by one by whatever is asked of it."""

    messages: list[Standing] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def find(self, id_: str) -> Standing:
        return next(message for message in self.messages if message.id == id_)

    def cards(self) -> list[tuple[Standing, Card]]:
        return [(message, message.content) for message in self.messages if isinstance(message.content, Card)]

    def texts(self) -> list[tuple[str, str]]:
        """What stands there, with the key that it was posted under."""
        return [(each.key, each.content.markdown) for each in self.messages if isinstance(each.content, Text)]


class Window:
    """`runtime.ports.Platform` as one process has it. Dead processes touch nothing any more."""

    name = PLATFORM
    limits = Limits(text=10_000, pieces=3, streams=True)

    def __init__(self, board: Board, gates: Gates) -> None:
        self._board, self._gates = board, gates
        self.die: Callable[[], None] = lambda: None

    async def start(self, door: Door) -> None:
        """The board pushes nothing."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        trouble = self._trouble()
        if trouble == "unclear, and not done":
            raise PlatformUnclear(trouble)
        message = Standing(id=str(len(self._board.messages) + 1), where=where, key=key, content=content)
        self._board.messages.append(message)
        self._after(trouble)
        return MessageRef(where=where, id=message.id)

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        trouble = self._trouble()
        if trouble == "unclear, and not done":
            raise PlatformUnclear(trouble)
        self._board.find(message.id).content = content
        self._after(trouble)

    def open_stream(self, request: StreamRequest) -> "Pane":
        return Pane(self, request)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        if self._board.troubles[:1] in (["away"], ["away for a minute"]):
            self._trouble()
        self._gates.check_alive()
        found = next((message for message in self._board.messages if message.key == key), None)
        return None if found is None else MessageRef(where=found.where, id=found.id)

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return message.where

    async def direct_message(self, user: UserRef) -> ConversationRef:
        return ConversationRef(platform=PLATFORM, space="T1", channel=f"D{user.id}")

    async def fetch(self, attachment: Attachment) -> Attachment:
        return attachment

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return True

    async def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        for _ in ():
            yield _

    async def wait_before(self, what: str) -> None:
        await self._gates.wait_before(what)

    def _trouble(self) -> str:
        self._gates.check_alive()
        trouble = self._board.troubles.pop(0) if self._board.troubles else ""
        match trouble:
            case "away":
                raise PlatformUnavailable(trouble)
            case "away for a minute":
                raise PlatformUnavailable(trouble, retry_after=60)
            case "refused":
                raise PlatformRefused(trouble)
            case "killed before":
                self.die()
                raise Killed
        return trouble

    def _after(self, trouble: str) -> None:
        if trouble == "unclear, and done":
            raise PlatformUnclear(trouble)
        if trouble == "killed after":
            self.die()
            raise Killed


TROUBLES = (
    "", "", "away", "away for a minute", "refused", "unclear, and done", "unclear, and not done", "killed before", "killed after",
)  # fmt: skip


class Pane:
    """An answer while it is written. Presence is best effort: what the board does wrong is not raised."""

    def __init__(self, window: Window, request: StreamRequest) -> None:
        self._window, self._request = window, request
        self._key = ""
        self._on_posted: OnPosted | None = None
        self._text = ""
        self._message: MessageRef | None = None
        self._blind = False  # it may stand already: only the courier can find out

    @property
    def message(self) -> MessageRef | None:
        return self._message

    async def status(self, text: str) -> None:
        """Nobody looks."""

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        self._key, self._on_posted = key, on_posted

    async def append(self, text: str) -> None:
        self._text += text
        if self._blind:
            return
        try:
            if self._message is not None:
                await self._window.edit(self._message, Text(markdown=self._text))
                return
            self._message = await self._window.post(self._request.where, Text(markdown=self._text), key=self._key)
        except (PlatformUnavailable, PlatformUnclear, PlatformRefused) as error:
            self._blind = isinstance(error, PlatformUnclear) and self._message is None
            return
        assert self._on_posted is not None
        await self._on_posted(self._message)

    async def finish_answer(self, markdown: str) -> bool:
        if self._message is None:
            return False
        await self._window.wait_before("the answer is made exact")
        try:
            await self._window.edit(self._message, Text(markdown=markdown))
        except (PlatformUnavailable, PlatformUnclear, PlatformRefused):
            return False
        return True

    async def close(self, *, suspended: bool) -> None:
        """Nothing to clear."""
