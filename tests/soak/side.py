"""One platform of a soak and its people: alice asks, bob and carol decide, mallory may do neither."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from tests.soak.deeds import Harm
from tests.soak.jobs import Job, SideName

OFFERS = frozenset({"Approve", "Always allow", "Deny", "Change…", "Mark done", "Mark failed", "Retry"})
FIELDS = {"Deny": "Reason", "Change…": "What should be different?"}
_CARD = re.compile(r"Approval (\d+): (?:may I|did)")
PATIENCE = 240.0  # until something said can be continued: processes come and go meanwhile
_MODAL_PATIENCE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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


class Receipt(Protocol):
    @property
    def acked(self) -> bool: ...


class Client(Protocol):
    """What a person's client of either loopback can do."""

    @property
    def modal(self) -> Any: ...

    @property
    def ephemerals(self) -> Sequence[Any]: ...

    async def clicks(self, on: Any, name: str) -> Receipt: ...

    async def submits(self, *, values: Any = None) -> Receipt: ...

    async def dms(self, text: str) -> Any: ...


class Side(ABC):
    name: SideName

    def __init__(self) -> None:
        self.alice, self.bob, self.carol, self.mallory = self.make_people()
        self.clicks: Counter[str] = Counter()
        self.unanswered = 0
        self._turns = {"bob": asyncio.Lock(), "carol": asyncio.Lock(), "mallory": asyncio.Lock()}

    # what people do

    async def click(self, who: str, card: Standing, label: str, *, words: str = "") -> bool:
        """Click what a card offers, or offered when it was looked at. Whether Mallard answered in time."""
        person: Client = getattr(self, who)
        async with self._turns[who]:
            await self.put_away(person)
            receipt = await self._counted(who, person.clicks(card.message, label))
            if not receipt.acked or label not in FIELDS:
                return receipt.acked
            modal = await self._until_modal(person)
            if modal is None:
                return True
            return (await self._counted(who, person.submits(values={FIELDS[label]: words}))).acked

    async def tells(self, who: str, text: str) -> None:
        """Say something to Mallard in private."""
        await getattr(self, who).dms(text)

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

    def cards(self) -> list[Standing]:
        return [each for each in self.standing() if each.card]

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

    @abstractmethod
    def written(self, who: str) -> str:
        """A person as the settings write them."""

    @abstractmethod
    async def says(self, job: Job) -> None:
        """Alice asks for a job, where it belongs; returns once it is said, which can take until there is a thread."""

    @abstractmethod
    async def stops(self, place: str) -> None:
        """Alice says stop in a conversation."""

    @abstractmethod
    def place_of(self, job: Job) -> str:
        """The conversation that a job was asked in, and has to be answered in."""

    @abstractmethod
    def standing(self) -> list[Standing]:
        """All that the bot said and everybody there can see, in order."""

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
