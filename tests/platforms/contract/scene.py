"""A scene: people on a platform, what they do there and what they see. The contract is told in these words alone.

A platform takes part by implementing `Scene`, or `Crowd` where people and Mallard are apart: strangers may speak there,
and what is said may arrive late, twice, or not at all.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from runtime.records import UserRef
from tests.stories.installation import Installation

Seen = TypeVar("Seen")


class Somebody(Struct, frozen=True, kw_only=True):
    """`name` is what people read on a card, `ref` is how the record knows them."""

    name: str
    ref: UserRef


class Card(Protocol):
    """An approval as people see it now."""

    @property
    def text(self) -> str:
        """All that can be read on it, how it ended too."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """What can be chosen on it: "Approve", "Deny" …; nothing once nothing can be decided."""
        ...


class Trouble(Protocol):
    """Something that fails on purpose."""

    async def arrived(self, count: int = 1) -> Any:
        """Return once that many attempts have failed."""
        ...

    def lift(self) -> None:
        """Nothing fails any more."""
        ...


class Scene(Installation):
    """`asker` asks in one conversation. `approver` may decide what was asked: the asker too, where only one person is.
    `colleague` may decide as well, and is never the asker.
    """

    asker: Somebody
    approver: Somebody
    colleague: Somebody

    # what people do

    @abstractmethod
    async def says(self, text: str, *, by: Somebody | None = None) -> None:
        """The asker, unless it is somebody else, says something to Mallard in the conversation."""

    @abstractmethod
    async def says_in_private(self, text: str, *, by: Somebody | None = None) -> str:
        """The asker, unless it is somebody else, says something in another conversation, which nobody else reads.
        Returns what Mallard says to it there."""

    @abstractmethod
    async def clicks(self, card: Card, label: str, *, by: Somebody | None = None, words: str = "") -> None:
        """The approver, unless it is somebody else, chooses what a card offers, or offered when they last looked.
        `words` are the reason, or what should be different. Returns once Mallard has taken it in."""

    @abstractmethod
    async def reads_whole(self, card: Card, *, by: Somebody | None = None) -> str:
        """What the asker, unless it is somebody else, gets from "Show everything"."""

    # what people see

    @abstractmethod
    async def seen(self, look: Callable[[], Seen | None]) -> Seen:
        """What `look` returns once it is true-ish; looked at again after every change that people can see."""

    @abstractmethod
    def find_card(self, number: int) -> Card | None:
        """The card of an approval in the conversation."""

    @abstractmethod
    def copies(self, number: int) -> int:
        """How many cards of an approval were posted in the conversation."""

    @abstractmethod
    def answers(self) -> list[str]:
        """What Mallard said in the conversation beside its cards, as it reads now, oldest first; files by their text."""

    @abstractmethod
    def private(self, person: Somebody) -> list[str]:
        """What Mallard said to somebody in private, the last time they looked."""

    @abstractmethod
    def told(self, person: Somebody) -> list[str]:
        """What was said to somebody alone in answer to their clicks."""

    def late_clicks(self) -> list[str]:
        """The clicks that Mallard took in later than the platform gives it time; none where it gives all the time."""
        return []

    @abstractmethod
    def disturbances(self) -> list[str]:
        """What reached people beyond the text that they read: mentions that notify, codes that steer a screen."""

    async def card(self, number: int = 1) -> Card:
        """The card of an approval, once it stands."""
        return await self.seen(lambda: self.find_card(number))

    async def closed(self, card: Card, *, saying: str) -> None:
        """Return once a card says how it ended and offers no decision any more."""
        await self.seen(lambda: saying in card.text and "Approve" not in card.labels)

    async def hears(self, words: str) -> str:
        """The first answer in the conversation that contains these words."""
        return await self.seen(lambda: next((said for said in self.answers() if words in said), None))

    async def is_told(self, person: Somebody, words: str) -> str:
        """The first of what somebody is told alone that contains these words."""
        return await self.seen(lambda: next((said for said in self.told(person) if words in said), None))

    # trouble

    @abstractmethod
    def cards_fail(self, times: int | None = None) -> Trouble:
        """So many attempts to post a card fail, each for a reason that passes; None: until it is lifted."""

    @abstractmethod
    def updates_fail(self, times: int | None = None) -> Trouble:
        """So many attempts to say on a card how it ended fail, each for a reason that passes."""


class Crowd(Scene):
    """A platform of many people, with a network between them and Mallard. `stranger` is nobody to Mallard."""

    stranger: Somebody

    @abstractmethod
    async def clicks_forged(self, card: Card, label: str, token: str) -> None:
        """The approver clicks a button of a card that carries another token than Mallard gave it."""

    @abstractmethod
    def cards_stay_unclear(self, times: int) -> Trouble:
        """So many attempts to post a card end without a word on whether it was posted. It was not."""

    @abstractmethod
    def deliver_copies(self, times: int) -> None:
        """From now on everything that is said arrives so many times."""

    @abstractmethod
    async def delivered_again(self) -> None:
        """All that was ever said arrives once more."""

    @abstractmethod
    def hold_messages(self) -> None:
        """What is said from now on is on its way and does not arrive."""

    @abstractmethod
    async def release_messages(self, *, backwards: bool) -> None:
        """What was on its way arrives."""

    @abstractmethod
    def lose_messages(self) -> None:
        """What is on its way never arrives."""

    @abstractmethod
    async def makes_noise(self) -> None:
        """All that happens on such a platform and asks for nothing, Mallard's own answers among it; return once it
        was taken in."""

    @abstractmethod
    async def settled(self) -> None:
        """Return once all that was said has been taken in."""

    @abstractmethod
    async def says_among(self, others: Sequence[Somebody], text: str) -> None:
        """The asker says something, and is answered, in a closed place that only these others can read too."""

    @abstractmethod
    def leaves(self, person: Somebody) -> None:
        """Somebody can read the closed place no more."""


OpenScene = Callable[..., AbstractAsyncContextManager[Scene]]
OpenCrowd = Callable[..., AbstractAsyncContextManager[Crowd]]
"""They open a scene with other settings than the usual ones, given by their environment names."""
