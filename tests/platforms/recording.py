"""A door that only remembers what came to it, and answers as it was told.

It is no imitation of the real one: it decides nothing, deduplicates nothing and keeps no record. What the two
together promise is proven by the stories.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import Struct

from runtime import ports
from runtime.agent import Outcome
from runtime.contents import Card, Page
from runtime.door import Door, Settlement
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.openings import Announcement
from runtime.records import ConversationRef, IncomingMessage, UserRef

Seen = TypeVar("Seen")


APPROVED = Settlement(outcome=Outcome.DECIDED, words="You approved it.")


class Asked(Struct, frozen=True, kw_only=True):
    text: str
    by: UserRef
    by_name: str
    key: str
    shown: Announcement | None = None


class Clicked(Struct, frozen=True, kw_only=True):
    token: str
    by: UserRef
    by_name: str
    where: ConversationRef
    comment: str


@dataclass(slots=True, eq=False)
class RecordingDoor(Door):
    received: list[IncomingMessage] = field(default_factory=list)
    missed: list[IncomingMessage] = field(default_factory=list)
    catching_up: int = 0
    requests: list[Asked] = field(default_factory=list)
    seen: tuple[ports.Seen, ...] = ()
    clicks: list[Clicked] = field(default_factory=list)
    stops: list[tuple[ConversationRef, UserRef]] = field(default_factory=list)
    stopped_all: list[bool] = field(default_factory=list)
    options: list[tuple[ConversationRef, str, str, UserRef]] = field(default_factory=list)
    reads: list[tuple[str, UserRef, ConversationRef, bool]] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    masker: Masker = NOTHING_OF_OURS
    strangers: set[UserRef] = field(default_factory=set)
    settlement: Settlement = APPROVED
    trouble: list[Exception] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def receive(self, message: IncomingMessage, *, missed: bool = False) -> None:
        await self._answer_now()
        self.received.append(message)
        if missed:
            self.missed.append(message)
        self._changed.set()

    async def ask(self, text: str, *, by: UserRef, by_name: str, key: str, shown: Announcement | None = None) -> None:
        await self._answer_now()
        self.requests.append(Asked(text=text, by=by, by_name=by_name, key=key, shown=shown))
        self._changed.set()

    def begin_catching_up(self, platform: str) -> None:
        self.catching_up += 1
        self._changed.set()

    async def end_catching_up(self, platform: str) -> None:
        self.catching_up -= 1
        self._changed.set()

    def list_seen(self, platform: str) -> tuple[ports.Seen, ...]:
        return self.seen

    def may_talk(self, by: UserRef, where: ConversationRef) -> bool:
        return by not in self.strangers

    def mask(self, text: str) -> str:
        return self.masker.mask(text)

    async def click(
        self, token: str, *, by: UserRef, by_name: str, where: ConversationRef, comment: str = ""
    ) -> Settlement:
        self.clicks.append(Clicked(token=token, by=by, by_name=by_name, where=where, comment=comment))
        self._changed.set()
        await self._answer_now()
        return self.settlement

    async def read_card(self, token: str, *, by: UserRef) -> Card | None:
        await self._answer_now()
        return self.cards.get(token)

    async def stop(self, where: ConversationRef, *, by: UserRef, direct: bool = False) -> Page:
        self.stops.append((where, by))
        self.stopped_all.append(direct)
        self._changed.set()
        await self._answer_now()
        return Page(title="Stopped", entries=(), note="Run 1 was stopped.")

    async def read_page(self, token: str, *, by: UserRef, where: ConversationRef, direct: bool) -> Page:
        self.reads.append((token, by, where, direct))
        self._changed.set()
        await self._answer_now()
        return self.pages.get(token, Page(title=token.capitalize(), entries=()))

    async def set_option(
        self, where: ConversationRef, name: str, value: str, *, by: UserRef, direct: bool = False
    ) -> Page:
        self.options.append((where, name, value, by))
        self._changed.set()
        await self._answer_now()
        return Page(title="Options", entries=(), note=f"{name} is {value}")

    async def until(self, look: Callable[[], Seen], timeout: float = 5.0) -> Seen:
        """What `look` returns once it is true-ish, looked at after everything that comes in."""
        try:
            async with asyncio.timeout(timeout):
                while not (seen := look()):
                    self._changed.clear()
                    await self._changed.wait()
                return seen
        except TimeoutError:
            raise AssertionError(f"it did not come to the door; there are {self.received} {self.clicks}") from None

    async def heard(self, count: int = 1) -> IncomingMessage:
        """The message, once that many have come."""
        await self.until(lambda: len(self.received) >= count)
        return self.received[count - 1]

    async def clicked(self, count: int = 1) -> Clicked:
        await self.until(lambda: len(self.clicks) >= count)
        return self.clicks[count - 1]

    async def _answer_now(self) -> None:
        self.asked += 1
        self._changed.set()
        if self.trouble:
            raise self.trouble.pop(0)
        await self.gate.wait()
