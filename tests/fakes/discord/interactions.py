"""Clicks, commands and submissions on their way: three seconds to answer, fifteen minutes to go on."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from tests.fakes.clock import Clock
from tests.fakes.discord.messages import Message
from tests.fakes.discord.places import Channel, User
from tests.fakes.discord.refusals import Refusal

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, SUBMISSION = 2, 3, 4, 5
PONG, ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
TIME_TO_ANSWER = 3.0
TOKEN_LIFETIME = 15 * 60.0


class Receipt(Struct, frozen=True, kw_only=True):
    """How the app answered: within `took` seconds, with `body`; or not, and why."""

    took: float | None = None
    body: Json = field(default_factory=dict)
    failure: str = ""

    @property
    def acked(self) -> bool:
        return self.took is not None

    @property
    def type(self) -> int:
        return int(self.body.get("type", 0))

    @property
    def deferred(self) -> bool:
        return self.type in (DEFER, DEFER_UPDATE)

    @property
    def modal(self) -> Json | None:
        return self.body["data"] if self.type == MODAL else None


class Interaction(Struct, kw_only=True, eq=False):
    id: str
    kind: int
    token: str
    user: User
    channel: Channel
    born: float
    message: Message | None = None  # the clicked one, or the one whose modal this is
    name: str = ""  # of the command
    answer: Json | None = None
    original: Message | None = None
    on_context: bool = False
    _started: float = field(default_factory=time.monotonic)
    _receipt: asyncio.Future[Receipt] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def took(self) -> float:
        return time.monotonic() - self._started

    def waited(self, seconds: float) -> None:
        """Let it be older, as somebody sees it who looks at a watch."""
        self._started -= seconds

    @property
    def is_over(self) -> bool:
        return self._receipt.done()

    def settle(self, receipt: Receipt) -> None:
        if not self._receipt.done():
            self._receipt.set_result(receipt)

    async def settled(self, within: float) -> Receipt:
        """The app's answer; a failure when it takes longer, and what the person then reads."""
        try:
            async with asyncio.timeout(within):
                return await asyncio.shield(self._receipt)
        except TimeoutError:
            self.settle(Receipt(failure="This interaction failed"))
            return await self._receipt


class Interactions:
    def __init__(self, clock: Clock, new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._by_token: dict[str, Interaction] = {}
        self.patience = TIME_TO_ANSWER  # of the person, by their own watch
        self.slow = 2.0  # an answer that takes longer is noted
        self.all: list[Interaction] = []

    def begin(
        self, kind: int, user: User, channel: Channel, *, message: Message | None = None, name: str = ""
    ) -> Interaction:
        interaction = Interaction(
            id=self._new_id(),
            kind=kind,
            token=f"aW50ZXJhY3Rpb24{secrets.token_urlsafe(48)}",
            user=user,
            channel=channel,
            born=self._clock.now(),
            message=message,
            name=name,
        )
        self._by_token[interaction.token] = interaction
        self.all.append(interaction)
        return interaction

    def to_answer(self, interaction_id: str, token: str) -> Interaction:
        """The one that this callback may answer: young, and not answered yet."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise Refusal(10062, "there never was such an interaction")
        if interaction.answer is not None:
            raise Refusal(40060)
        if self._age(interaction) > TIME_TO_ANSWER or interaction.is_over:
            interaction.settle(Receipt(failure="This interaction failed"))
            raise Refusal(10062, f"answered after {self._age(interaction):.1f} s")
        return interaction

    def to_follow(self, app: str, application: str, token: str) -> Interaction:
        """The one whose token this is: answered, and not older than fifteen minutes."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.answer is None or application != app:
            raise Refusal(10015)
        if self._age(interaction) > TOKEN_LIFETIME:
            raise Refusal(50027, f"used after {self._age(interaction):.0f} s")
        return interaction

    def find(self, token: str) -> Interaction | None:
        return self._by_token.get(token)

    def _age(self, interaction: Interaction) -> float:
        return self._clock.now() - interaction.born
