"""How each deed of a plan is done in a city."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import singledispatchmethod

from msgspec import Struct, field

from tests.soak.deeds import (
    Ahead,
    Decide,
    DecideTogether,
    Deed,
    Intrude,
    Kill,
    Restart,
    Route,
    Say,
    Stop,
    Trouble,
    Verb,
)
from tests.soak.jobs import LEDGER, Job
from tests.stories.city import City
from tests.stories.sides.side import Asked, Side, Standing

_COMMAND = re.compile(r"echo (\d+) ")
_CARD_PATIENCE = 15.0
_MOMENT = 5.0
_LOOK = 0.1


class Saying(Struct, frozen=True, kw_only=True):
    """One decision: the button for it, the words for it, and why."""

    label: str
    words: str
    because: str = ""

    def typed(self, number: int) -> tuple[str, ...]:
        """As `mallard approvals` takes it."""
        command = self.words.replace(" ", "-")
        match command:
            case "deny":
                return (command, str(number), "--reason", self.because)
            case "change":
                return (command, str(number), self.because)
            case _:
                return (command, str(number))


_SAYINGS = {
    "approve": Saying(label="Approve", words="approve"),
    "deny": Saying(label="Deny", words="deny", because="not today"),
    "change": Saying(label="Change…", words="change", because="the same again, please"),
    "mark done": Saying(label="Mark done", words="mark done"),
    "mark failed": Saying(label="Mark failed", words="mark failed"),
    "retry": Saying(label="Retry", words="retry"),
}


class Doing(Struct, kw_only=True):
    """Does deeds, and counts what was done. `jobs` are those begun so far, by number, `asked` where they were said."""

    city: City
    jobs: dict[int, Job] = field(default_factory=dict)
    asked: dict[int, Asked] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    _held: set[int] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @singledispatchmethod
    async def do(self, deed: Deed) -> None:
        raise NotImplementedError(deed)

    @do.register
    async def _(self, deed: Say) -> None:
        job, side = deed.job, self.city.sides[deed.job.side]
        self.jobs[job.number] = job
        after = await self._said(job.continues) if job.place == "thread" else None
        self.asked[job.number] = await side.asks(job.request, privately=job.place == "direct", after=after)
        self._news.set()
        self.done["messages"] += 1

    @do.register
    async def _(self, deed: Decide) -> None:
        found = await self._oldest()
        if found is not None:
            await self.decide(*found, deed.verb, deed.route, dies=deed.dies)

    @do.register
    async def _(self, deed: DecideTogether) -> None:
        found = await self._oldest(public=True)
        if found is None:
            return
        side, card = found
        say = self._saying(card, "approve")
        with self._in_hand(card):
            self.done["decisions by three at once"] += 1
            await asyncio.gather(
                side.click("bob", card, say.label),
                side.click("carol", card, say.label),
                self._other(side).tells("bob", f"{say.words} {card.card}"),
            )

    @do.register
    async def _(self, deed: Intrude) -> None:
        found = await self._oldest(public=True)
        if found is not None:
            side, card = found
            self.done["intrusions"] += 1
            await side.click("mallory", card, self._saying(card, "approve").label)

    @do.register
    async def _(self, deed: Stop) -> None:
        found = await self._oldest()
        if found is not None:
            side, card = found
            self.done["stops"] += 1
            await side.stops(card.place)

    @do.register
    async def _(self, deed: Kill) -> None:
        side, child = self.city.sides[deed.side], self.city.children[deed.side]
        async with child.turn:
            await self._moment(side, deed)
            side.gives_up(on=deed.gives_up)
            await child.kill()
            self.done["kills"] += 1
            await asyncio.sleep(deed.away)
            await self.city.start(deed.side)
            side.gives_up(on=False)

    @do.register
    async def _(self, deed: Restart) -> None:
        child = self.city.children[deed.side]
        async with child.turn:
            await child.stop()
            self.done["graceful ends"] += 1
            await asyncio.sleep(deed.away)
            await self.city.start(deed.side)

    @do.register
    async def _(self, deed: Trouble) -> None:
        async with self.city.sides[deed.side].harmed(deed.harm):
            await asyncio.sleep(deed.seconds)
        self.done[f"times that {deed.side}: {deed.harm}"] += 1

    @do.register
    async def _(self, deed: Ahead) -> None:
        for side in self.city.sides.values():
            side.advance(deed.seconds)
        self.done["seconds that the platforms are ahead"] += round(deed.seconds)

    async def _said(self, number: int) -> Asked:
        """A job that was asked for, once it was: what it continues may itself be waiting for its thread."""
        while number not in self.asked:
            self._news.clear()
            await self._news.wait()
        return self.asked[number]

    async def _moment(self, side: Side, deed: Kill) -> None:
        """When to die. Where nothing goes on for long, that is a moment like any other."""
        with contextlib.suppress(AssertionError, TimeoutError):
            if not deed.is_at_work:
                then = side.calls + deed.calls
                await side.until(lambda: side.calls >= then, timeout=_MOMENT)
                return
            done = len(self.city.lines(LEDGER))
            async with asyncio.timeout(_MOMENT):
                while len(self.city.lines(LEDGER)) == done:  # noqa: ASYNC110  a file tells nobody
                    await asyncio.sleep(0.01)

    # deciding

    async def decide(self, side: Side, card: Standing, verb: Verb, route: Route, *, dies: float = 0.0) -> None:
        """As a careful person does: where nobody knows whether a call ran, they look first."""
        say = self._saying(card, verb)
        with self._in_hand(card):
            self.done[f"decisions {route}"] += 1
            match route:
                case "here" if card.is_private:
                    await side.tells("bob", f"{say.words} {card.card}")
                case "here":
                    await side.click("carol" if card.card % 2 else "bob", card, say.label, words=say.because)
                case "elsewhere":
                    because = f": {say.because}" if say.because else ""
                    await self._other(side).tells("bob", f"{say.words} {card.card}{because}")
                case "terminal":
                    await self.city.terminal("approvals", *say.typed(card.card), dies=dies)

    def free_cards(self) -> list[tuple[Side, Standing]]:
        """The open cards that nobody is deciding, the oldest first."""
        found = [(side, card) for side in self.city.sides.values() for card in side.open_cards()]
        return sorted((each for each in found if each[1].card not in self._held), key=lambda each: each[1].card)

    async def _oldest(self, *, public: bool = False) -> tuple[Side, Standing] | None:
        """The oldest open card, once there is one; None where there is none for long. Asked for now and then: people
        do not stare at their screen either."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CARD_PATIENCE):
                while True:
                    cards = [each for each in self.free_cards() if not (public and each[1].is_private)]
                    if cards:
                        return cards[0]
                    await asyncio.sleep(_LOOK)
        return None

    @contextlib.contextmanager
    def _in_hand(self, card: Standing) -> Iterator[None]:
        self._held.add(card.card)
        try:
            yield
        finally:
            self._held.discard(card.card)

    def _saying(self, card: Standing, verb: Verb) -> Saying:
        if "Mark done" not in card.labels:
            return _SAYINGS[verb]
        command = _COMMAND.search(card.text)
        assert command is not None, card.text
        if command[1] in self.city.lines(LEDGER):
            return _SAYINGS["mark done"]
        return _SAYINGS["retry" if card.card % 2 else "mark failed"]

    def _other(self, side: Side) -> Side:
        return next(each for each in self.city.sides.values() if each is not side)
