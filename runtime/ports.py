"""What the runtime asks of the world: chat platforms and the clock. (The record is `runtime.record_ports`.)"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from runtime.contents import Content
from runtime.records import Attachment, ConversationRef, IncomingMessage, MessageRef, RunId, UserRef

if TYPE_CHECKING:
    from runtime.door import Door


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, UTC."""
        ...


class Limits(Struct, frozen=True, kw_only=True):
    """What fits. `text` is characters of Markdown in one message; more than `pieces` messages become a file.

    `streams` says that answers can be shown while they are written, `edits` that a message of ours can change before
    people's eyes without disturbing them.
    """

    text: int
    pieces: int
    streams: bool
    edits: bool = False


class StreamRequest(Struct, frozen=True, kw_only=True):
    """A run's live presence in its conversation. `key` finds what it posted again after a crash."""

    run_id: RunId
    where: ConversationRef
    direct: bool
    asked_by: UserRef
    message_id: str
    key: str


OnPosted = Callable[[MessageRef], Awaitable[None]]


class Stream(Protocol):
    """How people see that a run is being worked on. Provisional: the committed answer replaces all of it.

    No method raises for what the platform did wrong: presence is best effort, and `message` says what stands.
    """

    @property
    def message(self) -> MessageRef | None:
        """The message that the streamed answer became, once the first of it was posted."""
        ...

    async def status(self, text: str) -> None:
        """Say in a few words what is being done now; it stays until the next words or the end."""
        ...

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        """The answer starts. `key` marks its message; `on_posted` is awaited once, right after its first flush."""
        ...

    async def append(self, text: str) -> None:
        """More of the answer. Rate limits are the platform's business: it coalesces."""
        ...

    async def finish_answer(self, markdown: str) -> bool:
        """Make the message say exactly `markdown`. False: it could not, so the courier must."""
        ...

    async def close(self, *, suspended: bool) -> None:
        """The work pauses for a person, or is over. Clears every sign of activity."""
        ...


class Platform(Protocol):
    """All of a chat platform that the runtime knows.

    `post` and `edit` raise PlatformUnavailable, PlatformUnclear or PlatformRefused, and nothing else.
    """

    @property
    def name(self) -> str:
        """As in `ConversationRef.platform`."""
        ...

    @property
    def limits(self) -> Limits: ...

    async def start(self, door: "Door") -> None:
        """Connect, check the credentials, and hand on to the door whatever arrives. Returns once it is connected
        or is trying to; raises SettingsError where trying is hopeless."""
        ...

    async def stop(self) -> None:
        """Take nothing new, let what is being acknowledged finish, disconnect."""
        ...

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        """Post one message that fits `limits` (a card of any size is made to fit), marked with `key`."""
        ...

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        """Make a message of ours say something else, however old it is. It bears `key` then, if that could not be done when
        it was begun."""
        ...

    def open_stream(self, request: StreamRequest) -> Stream: ...

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        """The message that `post` marked with `key`, if it stands there; or a stream, where it may have been `streamed` and
        streams bear no key while they grow. Raises PlatformUnavailable."""
        ...

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        """The conversation that a message of ours begins, as a person's message there would: the thread on it, or where it
        stands if there are no threads. `request` is what is asked for in it."""
        ...

    async def direct_message(self, user: UserRef) -> ConversationRef:
        """The conversation that only this person and Mallard can read. Raises PlatformRefused."""
        ...

    async def fetch(self, attachment: Attachment) -> Attachment:
        """The attachment with its text, or with a note that says why there is none. Raises PlatformUnavailable."""
        ...

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        """Whether the person can read that conversation on the platform now. Raises PlatformError."""
        ...

    def catch_up(self, seen: "tuple[Seen, ...]", since: datetime) -> AsyncIterator[IncomingMessage]:
        """What was said to Mallard while it was away, oldest first within each conversation. It has been here `since`
        then: where nothing was seen yet, everything later was missed."""
        ...


class Seen(Struct, frozen=True, kw_only=True):
    """The newest message that the record has of a conversation. `last_id` is the platform's message id."""

    where: ConversationRef
    direct: bool
    last_id: str
    last_at: datetime
