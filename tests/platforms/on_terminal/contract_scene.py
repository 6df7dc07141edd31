"""The scene of the contract at a terminal: one person at the keyboard, and another window where a second one looks in."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bots.terminal.platform import NAME, TerminalPlatform
from runtime.ports import Platform
from runtime.records import UserRef
from runtime.signals import Signals
from tests.fakes.pulse import Pulse
from tests.platforms.contract.scene import Card, Scene, Seen, Somebody
from tests.platforms.on_terminal.paper import STEERING, Jam, Paper, keys_offered
from tests.platforms.on_terminal.window import PATIENCE, Window, open_window

_LATER = 2  # seconds: what a window could not show is brought again after one


class Clock:
    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class TerminalCard:
    """What stands on a person's screen about an approval."""

    def __init__(self, scene: "TerminalScene", number: int) -> None:
        self._scene = scene
        self.number = number

    @property
    def text(self) -> str:
        paper = self._scene.paper
        ended = [*paper.closings(self.number)]
        if self.number not in self._scene.platform.cards:
            ended += self._scene.decided_here.get(self.number, ())
        return "\n".join([*paper.cards(self.number), *ended])

    @property
    def labels(self) -> list[str]:
        """The keys that are printed on it, while the line below the input says that it is open."""
        if self.number not in self._scene.platform.cards:
            return []
        return list(keys_offered(self._scene.paper.cards(self.number)[-1], self.number))

    def key_for(self, label: str) -> str:
        """The key of the last print that offered this."""
        for printed in reversed(self._scene.paper.cards(self.number)):
            if key := keys_offered(printed, self.number).get(label):
                return key
        raise AssertionError(f"card {self.number} never offered {label!r}")


class TerminalScene(Scene):
    def __init__(self, folder: Path, changes: dict[str, str]) -> None:
        super().__init__(folder, changes, Clock())
        self.asker = self.approver = _somebody("alice")
        self.colleague = _somebody("bob")
        self.pulse = Pulse()
        self.paper = Paper(self.pulse)
        self.others = {person.name: Paper(self.pulse) for person in (self.asker, self.colleague)}
        self.decided_here: dict[int, list[str]] = {}

    def people(self) -> dict[str, str]:
        return {"MALLARD_APPROVERS": str(self.colleague.ref)}

    def make_platforms(self) -> Mapping[str, Platform]:
        self.platform = TerminalPlatform(self.paper, user=self.asker.ref)
        self._printed_before = len(self.paper.prints)
        return {NAME: self.platform}

    async def let_people_in(self, until: AsyncExitStack) -> None:
        self.window = await until.enter_async_context(open_window(self.platform, self.house))

    @asynccontextmanager
    async def _another_window(self, person: Somebody) -> AsyncIterator[Window]:
        """Somebody opens a window of their own, with another conversation, and closes it again."""
        async with AsyncExitStack() as until:
            platform = TerminalPlatform(self.others[person.name], conversation=f"{person.name} alone", user=person.ref)
            house = await self.make_house(until, Signals(), {NAME: platform})
            await until.enter_async_context(house.working())
            yield await until.enter_async_context(open_window(platform, house))
        await self.time_passes(seconds=_LATER)

    # what people do

    async def says(self, text: str, *, by: Somebody | None = None) -> None:
        assert by in (None, self.asker), "only one person sits at this keyboard"
        self.window.type(text)

    async def says_in_private(self, text: str, *, by: Somebody | None = None) -> str:
        person = by or self.asker
        paper = self.others[person.name]
        async with self._another_window(person) as window:
            before = len(paper.answers())
            window.type(text)
            return await self.seen(lambda: "\n".join(paper.answers()[before:]))

    async def clicks(self, card: Card, label: str, *, by: Somebody | None = None, words: str = "") -> None:
        assert isinstance(card, TerminalCard)
        line = f"{card.key_for(label)} {card.number} {words}".rstrip()
        if label == "Deny" and not words:
            line += "\r"  # it asks why not, and there is no reason
        if by in (None, self.asker):
            said = await self._press(self.window, self.paper, line)
            self.decided_here.setdefault(card.number, []).append(said)
            return
        assert by is not None
        async with self._another_window(by) as window:
            await self._press(window, self.others[by.name], line)

    async def _press(self, window: Window, paper: Paper, line: str) -> str:
        before = len(paper.asides())
        window.type(line)
        return await self.seen(lambda: next(iter(paper.asides()[before:]), None))

    async def reads_whole(self, card: Card, *, by: Somebody | None = None) -> str:
        assert isinstance(card, TerminalCard)
        before = len(self.paper.answers())
        self.window.type(f"{card.key_for('Show everything')} {card.number}")
        return await self.seen(lambda: next(iter(self.paper.answers()[before:]), None))

    # what people see

    async def seen(self, look: Callable[[], Seen | None]) -> Seen:
        return await self.pulse.until(look, timeout=PATIENCE, explain=lambda: f"There is:\n{self.paper.everything}")

    def find_card(self, number: int) -> Card | None:
        return TerminalCard(self, number) if self.paper.cards(number) else None

    def copies(self, number: int) -> int:
        session = self.paper.prints[self._printed_before :]
        return sum(printed.card == number for printed in session)

    def answers(self) -> list[str]:
        return self.paper.answers()

    def private(self, person: Somebody) -> list[str]:
        return self.others[person.name].answers()

    def told(self, person: Somebody) -> list[str]:
        papers = [self.others[person.name], *([self.paper] if person == self.asker else [])]
        return [aside for paper in papers for aside in paper.asides()]

    def disturbances(self) -> list[str]:
        papers = [self.paper, *self.others.values()]
        return [found for paper in papers for found in re.findall(STEERING, paper.everything)]

    # trouble

    def cards_fail(self, times: int | None = None) -> Jam:
        self.paper.out.jam = Jam(times, self.pulse)
        return self.paper.out.jam

    def updates_fail(self, times: int | None = None) -> Jam:
        self.paper.err.jam = Jam(times, self.pulse)
        return self.paper.err.jam


def _somebody(name: str) -> Somebody:
    return Somebody(name=name, ref=UserRef(platform=NAME, id=name))


@asynccontextmanager
async def open_terminal(folder: Path, capture: Any = None, **changes: str) -> AsyncIterator[TerminalScene]:
    """A scene whose house is open. `changes` are settings by their names; a terminal has no wire to be captured."""
    scene = TerminalScene(folder, changes)
    await scene.open()
    try:
        yield scene
    finally:
        await scene.close()
    assert not scene.disturbances()
