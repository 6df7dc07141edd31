"""The same enumeration on a loopback chat platform: the process dies, the platform and its people stay."""

import asyncio
import contextlib
import os
import signal
import tempfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from runtime.records import Effect
from tests.crashes.aftermath import check_record, count_approvals
from tests.crashes.enumeration import folder_to_die_in
from tests.crashes.household import ANSWER
from tests.crashes.nursery import LONGEST_LIFE, Nursery
from tests.crashes.points import check_complete, read_journal
from tests.crashes.trial import UNTIL_REST, Chat, Fate, Life

TRIES = 6
OPEN = ("Approve", "Mark done")


class Said(Protocol):
    """Something that the bot said, as it stands."""

    @property
    def text(self) -> str: ...

    @property
    def labels(self) -> Sequence[str]: ...


class Pond(ABC):
    """A channel where Ann asks once, and Bob clicks whatever card he finds open."""

    chat: Chat

    def __init__(self) -> None:
        self._has_asked = False

    async def goes_on(self, serving: asyncio.Event) -> None:
        """What people do while a process lives. It never ends by itself. They ask only a process that is `serving`:
        which points the run passes must not depend on how long its start took."""
        await self.connected()
        clicked: set[tuple[int, str]] = set()
        if not self._has_asked:
            await serving.wait()
            self._has_asked = True
            await self._says_all_of(self.asks())
        while True:
            card, label = await self.until(lambda: self._find_open(clicked))
            clicked.add((id(card), label))
            await self.clicks(card, label)

    async def _says_all_of(self, asking: Awaitable[None]) -> None:
        """Nobody stops speaking because the process dies that listens."""
        self._asking = asyncio.ensure_future(asking)
        await asyncio.shield(self._asking)

    def check(self, approvals: int) -> None:
        """Each card stands once and is closed; the answer stands once, whole, and nothing provisional beside it."""
        said = self.said()
        cards = [message for message in said if "Approval " in message.text]
        assert len(cards) == approvals, f"{approvals} approvals, and {len(cards)} cards: {self.picture()}"
        for card in cards:
            assert not set(OPEN) & set(card.labels), f"a card is still open: {card.text}"
            assert "by bob" in card.text.lower(), f"a card does not say who decided: {card.text}"
        others = [message.text for message in said if message not in cards]
        assert others == [ANSWER], f"what stands beside the cards is {others}"
        self.check_manners()

    def _find_open(self, clicked: set[tuple[int, str]]) -> tuple[Said, str] | None:
        found = ((message, label) for message in self.said() for label in OPEN if label in message.labels)
        return next((each for each in found if (id(each[0]), each[1]) not in clicked), None)

    @abstractmethod
    async def connected(self) -> None:
        """Return once a process can hear people."""

    @abstractmethod
    async def asks(self) -> None:
        """Ann asks for the deed."""

    @abstractmethod
    async def clicks(self, card: Said, label: str) -> None: ...

    @abstractmethod
    def said(self) -> Sequence[Said]:
        """Everything that the bot said, wherever, but to one person alone."""

    @abstractmethod
    async def until(self, look: Callable[[], tuple[Said, str] | None]) -> tuple[Said, str]: ...

    @abstractmethod
    async def left(self) -> None:
        """Return once no process is connected any more."""

    @abstractmethod
    def picture(self) -> str: ...

    @abstractmethod
    def check_manners(self) -> None:
        """What only this platform knows of a good end."""


OpenPond = Callable[[], AbstractAsyncContextManager[Pond]]
Watch = Callable[[Pond, Life], Awaitable[None]]


async def _watch_nothing(pond: Pond, life: Life) -> None:
    """Nobody interferes."""


class ChatEnumeration(Struct, kw_only=True):
    """The points of a gated run on a platform. `failures` say for each point what was found broken after dying there;
    `between` is what happens to the pond while nobody lives."""

    nursery: Nursery
    folder: Path
    open_pond: OpenPond
    effect: Effect = Effect.EXTERNAL
    between: Callable[[Pond], None] = lambda pond: None
    failures: list[str] = field(default_factory=list)

    async def points(self) -> tuple[str, ...]:
        """The names of all points of a run that nobody disturbs, in order."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        async with self.open_pond() as pond:
            assert await self._live(pond, folder, 1) == 0
            self._check(pond, folder)
        points = read_journal(folder / "life-1.points")
        check_complete(points)
        return points

    async def die_at(self, point: str) -> None:
        """Die there, come back, and look."""
        for _ in range(TRIES):
            if await self._dies(point, Fate(dies_at=point), _watch_nothing):
                return
        self.failures.append(f"{point}: it did not come up again in {TRIES} runs")

    async def die_when(self, name: str, watch: Watch) -> None:
        """Die when `watch` kills the process, come back, and look."""
        if not await self._dies(name, UNTIL_REST, watch):
            self.failures.append(f"{name}: it did not come up")

    async def _dies(self, point: str, fate: Fate, watch: Watch) -> bool:
        """Whether it died there; what was broken then is noted."""
        folder = folder_to_die_in(self.folder, point)
        async with self.open_pond() as pond:
            if await self._live(pond, folder, 1, fate, watch) != signal.SIGKILL:
                return False
            self.between(pond)
            try:
                assert await self._live(pond, folder, 2) == 0
                self._check(pond, folder)
            except AssertionError as broken:
                self.failures.append(f"{point}: {broken} ({folder})")
        return True

    def _check(self, pond: Pond, folder: Path) -> None:
        check_record(folder, self.effect)
        pond.check(count_approvals(folder))

    async def _live(
        self, pond: Pond, folder: Path, number: int, fate: Fate = UNTIL_REST, watch: Watch = _watch_nothing
    ) -> int:
        life = Life(folder=str(folder), number=number, effect=self.effect, streams=True, fate=fate, chat=pond.chat)
        with _heard_through(life.serving) as serving:
            async with _meanwhile(pond.goes_on(serving)), _meanwhile(watch(pond, life)):
                status = await asyncio.to_thread(self.nursery.live, life)
        await pond.left()
        return status


@contextlib.contextmanager
def _heard_through(pipe: Path) -> Iterator[asyncio.Event]:
    """Set once a process says something through this pipe."""
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    loop, heard = asyncio.get_running_loop(), asyncio.Event()

    def hear() -> None:
        heard.set()
        loop.remove_reader(end)

    loop.add_reader(end, hear)
    try:
        yield heard
    finally:
        loop.remove_reader(end)
        os.close(end)


@contextlib.asynccontextmanager
async def _meanwhile(doing: Awaitable[None]) -> AsyncIterator[None]:
    """Somebody does this for as long as the block lasts. What goes wrong there comes out here."""
    task = asyncio.ensure_future(doing)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


PATIENCE = 10 * LONGEST_LIFE
