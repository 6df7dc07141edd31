"""One of two platforms that are there at once, and its people: alice asks, bob and carol decide, mallory may do neither."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from runtime.records import UserRef
from tests.stories.sides.clients import Client, Receipt

SideName: TypeAlias = Literal["slack", "discord"]
Harm: TypeAlias = Literal["connection drops", "session is lost", "too many calls", "unwell", "answers are lost"]

SIDES: tuple[SideName, ...] = ("slack", "discord")
OFFERS = frozenset({"Approve", "Always allow", "Deny", "Change…", "Mark done", "Mark failed", "Retry"})
FIELDS = {"Deny": "Reason", "Change…": "What should be different?"}
_CARD = re.compile(r"Approval (\d+): (?:may I|did)")
_MODAL_PATIENCE = 4.0


class Standing(Struct, frozen=True, kw_only=True):
    """Something that the bot said and that still stands. `place` is the conversation it stands in; a private one is
    seen by alice alone."""

    text: str
    place: str
    is_private: bool
    labels: Sequence[str]
    message: Any

    @property
    def card(self) -> int:
        """The number of the approval whose card this is; 0 for anything else."""
        found = _CARD.search(self.text)
        return int(found[1]) if found else 0

    @property
    def is_open(self) -> bool:
        return not OFFERS.isdisjoint(self.labels)


class Asked(Struct, frozen=True, kw_only=True):
    """Something that alice said. `place` is the conversation that it has to be answered in."""

    message: Any
    place: str


class Side(ABC):
    name: SideName

    def __init__(self, *, patience: float = 10.0) -> None:
        self.patience = patience
        self.alice, self.bob, self.carol, self.mallory = self.make_people()
        self.clicks: Counter[str] = Counter()
        self.unanswered = 0
        self._known: dict[int, tuple[Any, Standing]] = {}
        self._turns = {"bob": asyncio.Lock(), "carol": asyncio.Lock(), "mallory": asyncio.Lock()}

    # what people do

    async def click(self, who: str, card: Standing, label: str, *, words: str = "") -> bool:
        """Click what a card offers, or offered when it was looked at. Whether Mallard answered in time."""
        person: Client = getattr(self, who)
        async with self._turns[who]:
            if card.message is not person.modal:
                await self.put_away(person)
            receipt = await self._counted(who, person.clicks(card.message, label))
            if not receipt.acked or label not in FIELDS:
                return receipt.acked
            modal = await self._until_modal(person)
            if modal is None:
                return True
            return (await self._counted(who, person.submits(values={FIELDS[label]: words}))).acked

    async def tells(self, who: str, text: str) -> Any:
        """Say something to Mallard in private. Returns the message."""
        return await getattr(self, who).dms(text)

    async def _counted(self, who: str, act: Any) -> Receipt:
        self.clicks[who] += 1
        receipt: Receipt = await act
        self.unanswered += not receipt.acked
        return receipt

    async def _until_modal(self, person: Client) -> Any:
        """The form that a click opened; None where it was answered by words: the card had been settled meanwhile."""
        before = len(person.ephemerals)
        try:
            await self.until(lambda: person.modal or len(person.ephemerals) > before, timeout=_MODAL_PATIENCE)
        except AssertionError:
            return None
        return person.modal

    # what is there

    def standing(self) -> list[Standing]:
        """All that the bot said and everybody there can see, in order. What has not changed is not read again."""
        return [self._read(message) for message in self.said()]

    def _read(self, message: Any) -> Standing:
        content, standing = self._known.get(id(message), (None, None))
        if content is not message.content or standing is None:
            standing = self.read(message)
            self._known[id(message)] = (message.content, standing)
        return standing

    def cards(self) -> list[Standing]:
        return [each for each in self.standing() if each.card]

    def answers(self, asked: Asked) -> list[Standing]:
        """What stands in a conversation and is no card."""
        return [each for each in self.standing() if each.place == asked.place and not each.card]

    async def answer(self, asked: Asked, containing: str) -> Standing:
        """What was answered in a conversation, once it stands."""
        look = lambda: next((each for each in self.answers(asked) if containing in each.text), None)  # noqa: E731
        found: Standing = await self.until(look, timeout=self.patience)
        return found

    async def card(self, number: int = 1) -> Standing:
        """The card of an approval, once it stands."""
        found: Standing = await self.until(lambda: self.find_card(number), timeout=self.patience)
        return found

    def find_card(self, number: int) -> Standing | None:
        return next((each for each in self.standing() if each.card == number), None)

    async def closed(self, number: int, *, saying: str) -> None:
        """Return once a card says how it ended, and offers no decision any more."""

        def is_closed() -> bool:
            card = self.find_card(number)
            return card is not None and not card.is_open and saying in card.text

        await self.until(is_closed, timeout=self.patience)

    def open_cards(self) -> list[Standing]:
        return [each for each in self.cards() if each.is_open]

    @asynccontextmanager
    async def harmed(self, harm: Harm) -> AsyncIterator[None]:
        """The platform misbehaves for as long as the block lasts."""
        lift = await self.begin(harm)
        try:
            yield
        finally:
            lift()

    @abstractmethod
    async def put_away(self, person: Any) -> None:
        """Close what forms a person still has open."""

    @abstractmethod
    def make_people(self) -> tuple[Any, Any, Any, Any]: ...

    @property
    @abstractmethod
    def settings(self) -> dict[str, str]:
        """What leads a process here, by environment names."""

    def written(self, *names: str) -> str:
        """People as the settings write them."""
        return ",".join(str(self.ref(who)) for who in names)

    @abstractmethod
    async def asks(self, text: str, *, privately: bool = False, after: Asked | None = None) -> Asked:
        """Alice asks in the channel, in private, or in the thread of something that she asked there; returns once it is
        said, which can take until there is a thread."""

    @abstractmethod
    async def hears(self, who: str, said: Any, containing: str) -> None:
        """Return once something that somebody told Mallard in private is answered with these words."""

    @abstractmethod
    async def opens_card(self, who: str) -> Standing:
        """Somebody opens the first card of the list of what waits, in private: a copy that they alone see."""

    @abstractmethod
    def forged(self, card: Standing, label: str, *, token: str) -> Standing:
        """The card as somebody would see it whose button carried another token."""

    @abstractmethod
    def told(self, who: str) -> list[str]:
        """What Mallard said to this person alone, in answer to clicks."""

    @abstractmethod
    async def stops(self, place: str) -> None:
        """Alice says stop in a conversation."""

    @abstractmethod
    def ref(self, who: str) -> UserRef:
        """A person as the record knows them."""

    @abstractmethod
    def said(self) -> list[Any]:
        """The messages of the bot that everybody there can see, in order."""

    @abstractmethod
    def spoken(self) -> list[str]:
        """What people said, by the ids that the platform gave it."""

    @abstractmethod
    def read(self, message: Any) -> Standing: ...

    @abstractmethod
    async def begin(self, harm: Harm) -> Callable[[], None]:
        """Misbehave; returns what ends it."""

    @abstractmethod
    def gives_up(self, *, on: bool) -> None:
        """Whether what nobody hears is lost at once."""

    @abstractmethod
    async def until(self, look: Callable[[], Any], *, timeout: float) -> Any: ...

    @abstractmethod
    async def connected(self, *, timeout: float) -> None: ...

    @abstractmethod
    async def left(self) -> None:
        """Return once no process is connected."""

    @property
    @abstractmethod
    def calls(self) -> int:
        """How many calls were made here so far."""

    @property
    @abstractmethod
    def breaches(self) -> list[str]:
        """What was done here that the platform refuses or a careful app avoids."""

    @abstractmethod
    def advance(self, seconds: float) -> None: ...

    @abstractmethod
    def picture(self) -> str: ...
