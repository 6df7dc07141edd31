"""The terminal behind the platform port."""

import getpass
import math
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bots.terminal.growing import TerminalStream
from bots.terminal.reception import USUAL, IsFree
from bots.terminal.screens import Screen
from bots.terminal.watch import Watch
from bots.terminal.wording import write_closing
from runtime.contents import Card, Content, Page, Text
from runtime.door import Door
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.ports import Limits, Seen, StreamRequest
from runtime.records import Attachment, ConversationRef, IncomingMessage, MessageRef, UserRef
from runtime.states import ApprovalStatus

NAME = "terminal"
_LOOK_AGAIN, _LOOK_FOR_PERSON = 1.0, 30.0  # seconds
_ROOM = 10_000_000  # a terminal scrolls: nothing is too long for it


def local_user() -> UserRef:
    """The person at this terminal, as the operating system knows them."""
    return UserRef(platform=NAME, id=re.sub(r"[^\w.-]", "_", getpass.getuser()))


class TerminalPlatform:
    """One screen and one conversation on it; no other process has the same conversation open.

    `cards` are the pending ones that stand on the screen. `changed` is called when `status` says something new. `takes` says
    of a message whether it is for this screen; until somebody sets it, that is what belongs to the conversation, and nothing
    where nobody reads. `is_free` says of a conversation's name that no process has it open.
    """

    def __init__(
        self,
        screen: Screen,
        *,
        conversation: str = USUAL,
        user: UserRef | None = None,
        is_free: IsFree = lambda name: False,
    ) -> None:
        self.screen = screen
        self.user = user or local_user()
        self.where = ConversationRef(platform=NAME, channel=conversation)
        self.is_free = is_free
        self.takes: Callable[[ConversationRef, str, Content], bool] = self._takes_its_own
        self.cards: dict[int, Card] = {}
        self.cards_changed_at = -math.inf  # on the monotonic clock
        self.page: Page | None = None
        self.statuses: dict[int, str] = {}
        self.changed: Callable[[], None] = lambda: None
        self._door: Door | None = None
        self._texts: dict[str, str] = {}
        self._closed: set[int] = set()
        self._ended: dict[int, Card] = {}
        self._brought: set[int] = set()

    @property
    def name(self) -> str:
        return NAME

    @property
    def limits(self) -> Limits:
        return Limits(text=_ROOM, pieces=1, streams=self.screen.streams)

    @property
    def door(self) -> Door:
        if self._door is None:
            raise RuntimeError("the terminal was not started")
        return self._door

    async def start(self, door: Door) -> None:
        self._door = door

    async def stop(self) -> None:
        self.statuses.clear()

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        """Print it; a card that stands on this screen already, or word of how one ended, is not printed a second time."""
        self._check_for_here(where, key, content)
        if isinstance(content, Card):
            self._brought.add(content.approval_id)
        if not self._stands_here(content):
            with _while_printing():
                self.show(content)
        return self.note_posted(where, content.markdown if isinstance(content, Text) else "")

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        """A terminal cannot change what it printed: news is printed below, and what is no news is not repeated."""
        self._check_for_here(message.where, key, content)
        with _while_printing():
            match content:
                case Card() if content.buttons:
                    self.show(content)
                case Card():
                    self.close_card(content)
                case Text(markdown=markdown) if self._texts.get(message.id) == markdown:
                    pass
                case _:
                    self.screen.show(content)

    def open_stream(self, request: StreamRequest) -> TerminalStream:
        return TerminalStream(self, request)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        """None: what an earlier process printed is out of reach, so it is printed again."""
        return None

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return message.where

    async def direct_message(self, user: UserRef) -> ConversationRef:
        """What is for somebody who does not sit here and read waits for the terminal where they do."""
        if user != self.user or not self.screen.is_read:
            raise PlatformUnavailable(f"{user} does not read this terminal", retry_after=_LOOK_FOR_PERSON)
        return self.where

    async def fetch(self, attachment: Attachment) -> Attachment:
        raise PlatformRefused("a terminal has no attachments")

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return user == self.user

    async def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        """Nothing: nobody types into a terminal that is not there."""
        for _ in ():
            yield _

    def show(self, content: Content) -> None:
        """Print content, and remember what can be answered: cards by their number, the page that can be turned."""
        self.screen.show(content)
        self._take_note(content)

    def note_posted(self, where: ConversationRef, text: str) -> MessageRef:
        """Remember what was printed, so that the same text is not printed again."""
        message = MessageRef(where=where, id=uuid.uuid4().hex)
        self.note_text(message, text)
        return message

    def note_text(self, message: MessageRef, text: str) -> None:
        self._texts[message.id] = text

    def close_card(self, card: Card, *, silently: bool = False) -> None:
        """Take a card that nobody can decide any more off the screen, and say how it ended, once."""
        is_known = card.approval_id in self._closed or (self.page is not None and _tells(self.page, card))
        if not is_known and not silently:
            self.screen.say(write_closing(card))
            self._ended[card.approval_id] = card
        self.cards.pop(card.approval_id, None)
        self.cards_changed_at = time.monotonic()
        self._closed.add(card.approval_id)
        self.changed()

    def forget_settled(self, watch: Watch) -> None:
        """Take what was settled meanwhile off the screen, but what was brought here, of which news is brought as well."""
        for number, card in tuple(self.cards.items()):
            if number not in self._brought and watch.find_status(number) not in (card.status, None):
                del self.cards[number]
                self.cards_changed_at = time.monotonic()

    def set_status(self, run_id: int, text: str) -> None:
        if text:
            self.statuses[run_id] = text
        else:
            self.statuses.pop(run_id, None)
        self.changed()

    def _takes_its_own(self, where: ConversationRef, key: str, content: Content) -> bool:
        return where.channel == self.where.channel and self.screen.is_read

    def _check_for_here(self, where: ConversationRef, key: str, content: Content) -> None:
        """What this screen does not show waits for the terminal that does."""
        if not self.takes(where, key, content):
            raise PlatformUnavailable(
                f"this terminal does not show this part of {where.channel!r}", retry_after=_LOOK_AGAIN
            )

    def _stands_here(self, content: Content) -> bool:
        match content:
            case Card():
                # It may have been decided here while it was on its way: an open card below its own end would be a dead one.
                is_over = content.status is ApprovalStatus.PENDING and content.approval_id in self._closed
                return is_over or self.cards.get(content.approval_id) == content
            case Page() if self.screen.streams:  # what the terminal says itself goes elsewhere from a pipe
                return any(_tells(content, card) for card in self._ended.values())
            case _:
                return False

    def _take_note(self, content: Content) -> None:
        match content:
            case Card() if content.buttons:
                self._closed.discard(content.approval_id)
                self.cards[content.approval_id] = content
                self.cards_changed_at = time.monotonic()
                self.changed()
            case Page():
                self.page = content
            case _:
                pass


def _tells(page: Page, card: Card) -> bool:
    """Whether this is the answer to a typed decision, and says no more than how the card ended."""
    return page.title == f"Approval {card.approval_id}" and page.note.rstrip(".") == card.closing.rstrip(".")


@contextmanager
def _while_printing() -> Iterator[None]:
    """What cannot be printed now is brought again later: the pipe may be full, or the disk that it is led to."""
    try:
        yield
    except OSError as error:
        raise PlatformUnavailable(f"this terminal cannot be written to: {error}") from error
