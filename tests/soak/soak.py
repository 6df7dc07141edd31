"""A soak: a plan is carried out in a city, the laws are looked at now and then, and all of them once it is at rest."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tests.fakes.model import ScriptedEndpoint
from tests.soak import laws
from tests.soak.deeds import Deed, Route
from tests.soak.doing import Doing
from tests.soak.jobs import LEDGER
from tests.soak.mind import think
from tests.soak.plan import Plan
from tests.stories.books import Books
from tests.stories.city import City, open_city
from tests.stories.sides.side import SIDES

PATIENCE = 240.0  # until something said can be continued: processes come and go meanwhile
REST_PATIENCE = 300.0  # while nothing gets done of what is left to do
_INSPECTIONS = 10.0
_LOOK = 0.2
_SLOWER = 6
_ROUTES: tuple[Route, ...] = ("here", "elsewhere", "here", "elsewhere", "terminal")


class Outcome(Struct, frozen=True, kw_only=True):
    """How a soak ended. `broken` are the laws that did not hold; `figures` what was done in it."""

    plan: Plan
    broken: list[str]
    figures: dict[str, int]
    seconds: float
    folder: Path

    def __str__(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.figures.items()))
        lines = [f"seed {self.plan.seed}, {self.seconds:.0f} s: {done}", *(f"  broken: {each}" for each in self.broken)]
        if self.broken:
            lines.append(
                f"  the same deeds again: python -m tests.soak {self.plan.words}; what this left: {self.folder}"
            )
        return "\n".join(lines)


async def soak_by_itself(plan: Plan) -> Outcome:
    """A soak in a folder of its own, which is removed where nothing broke. Asked to end, it takes its processes with it."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    folder = Path(tempfile.mkdtemp(prefix="mallard-soak-"))
    outcome = await soak(plan, folder)
    if not outcome.broken:
        shutil.rmtree(folder)
    return outcome


async def soak(plan: Plan, folder: Path) -> Outcome:
    """Carry a plan out. Whatever breaks ends it, and is in the outcome."""
    began = time.monotonic()
    async with ScriptedEndpoint(think) as mind, open_city(folder, _settings(mind), patience=PATIENCE) as city:
        books = Books(folder / "data" / "mallard.db")
        course = Course(city=city, books=books, mind=mind, doing=Doing(city=city))
        try:
            await course.run_within(plan.limit, plan)
        except* Exception as broken:
            course.broken += [f"{type(each).__name__}: {each}" for each in _leaves(broken)]
        course.keep_pictures()
        return Outcome(
            plan=plan,
            broken=list(dict.fromkeys(course.broken)),
            figures=dict(course.figures()),
            seconds=time.monotonic() - began,
            folder=folder,
        )


class Course(Struct, kw_only=True):
    city: City
    books: Books
    mind: ScriptedEndpoint
    doing: Doing
    began: float = field(default_factory=time.monotonic)
    broken: list[str] = field(default_factory=list)
    diary: list[str] = field(default_factory=list)
    spare: float = 0.0

    async def run_within(self, seconds: float, plan: Plan) -> None:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                await self.run(plan)
        except TimeoutError:
            assert not limit.expired(), f"not over after {seconds:g} s"
            raise

    async def run(self, plan: Plan) -> None:
        await self.city.start(*SIDES)
        deeds = plan.deeds()
        greetings, rest = deeds[: len(SIDES)], deeds[len(SIDES) :]
        for deed in greetings:
            await self.doing.do(deed)
        await self._until_rest(deciding=False)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._inspect())
            underway = set[asyncio.Task[None]]()
            self.spare = plan.spare
            for number, deed in enumerate(rest, len(greetings) + 1):
                await self._pause(deed.after)
                task = tasks.create_task(self._do(number, deed))
                underway.add(task)
                task.add_done_callback(underway.discard)
            while underway:
                await asyncio.wait(underway)
            self._note("all deeds are done")
            await self._until_rest(deciding=True)
            watching.cancel()
        self._note("all is at rest")
        await self._check_at_rest()
        self._note("both processes ended")

    async def _pause(self, seconds: float) -> None:
        """On a busy machine a process takes its time to come up: less happens then, or all of it happened to nobody. But
        no more than there is time to spare."""
        await asyncio.sleep(seconds)
        if self.city.starting and self.spare > 0:
            self.spare -= seconds * _SLOWER
            await asyncio.sleep(seconds * _SLOWER)

    async def _do(self, number: int, deed: Deed) -> None:
        """Do it, and note when, for whoever looks for what went wrong."""
        self._note(f"{number} begins: {deed}")
        await self.doing.do(deed)
        self._note(f"{number} ended")

    def _note(self, words: str) -> None:
        self.diary.append(f"{time.monotonic() - self.began:7.2f} {words}")

    async def _inspect(self) -> None:
        while True:
            await asyncio.sleep(_INSPECTIONS)
            self.mind.received.clear()
            broken = laws.broken_now(await self._look(whole=False))
            assert not broken, "\n".join(broken)

    async def _until_rest(self, *, deciding: bool) -> None:
        """Decide what is still open, on every way in turn, until nothing is left to anybody."""
        number, known, changed = 0, set[tuple[Any, ...]](), time.monotonic()
        while left := await self._left():
            if (now_left := {row[:2] for row in left}) != known:
                known, changed = now_left, time.monotonic()
            words = f"{left[:10]} ({len(left)} in all)"
            assert time.monotonic() < changed + REST_PATIENCE, f"for {REST_PATIENCE:g} s nothing gets done of {words}"
            for side, card in self.doing.free_cards() if deciding else ():
                number += 1
                await self.doing.decide(side, card, "approve", _ROUTES[number % len(_ROUTES)])
            await asyncio.sleep(_LOOK)

    async def _left(self) -> list[tuple[Any, ...]]:
        """What is left to anybody. What was said is, until it was heard: a process that has just come back may still be
        reading what it missed, and the books know nothing of that yet. All that people say in a soak is for Mallard."""
        spoken = [each for side in self.city.sides.values() for each in side.spoken()]
        return await asyncio.to_thread(self.books.restless, spoken)

    async def _check_at_rest(self) -> None:
        for name in SIDES:
            child = self.city.children[name]
            assert not child.is_gone, f"`mallard {child.name}` ended by itself: see {child.log}"
            await child.stop()
        self.broken += laws.broken_at_rest(await self._look(whole=True))
        self.broken += [f"left in the books: {row}" for row in await self._left()]

    async def _look(self, *, whole: bool) -> laws.Scene:
        page = await asyncio.to_thread(self.books.read, whole=whole)
        return laws.Scene(
            page=page,
            jobs=self.doing.jobs,
            asked=self.doing.asked,
            sides=self.city.sides,
            standing={name: side.standing() for name, side in self.city.sides.items()},
            ledger=[int(line) for line in self.city.lines(LEDGER)],
            is_at_rest=whole,
            intrusions=self.doing.done["intrusions"],
            logs=self.city.logs() if whole else {},
            at_terminal=self.city.at_terminal,
        )

    def figures(self) -> Counter[str]:
        page = self.books.read(whole=False)
        figures = Counter(self.doing.done)
        figures["runs"] = len(page.runs)
        figures["approvals"] = len(page.approvals)
        figures["questions what became of a call"] = sum(each.kind == "outcome" for each in page.approvals)
        for status, count in Counter(run.status for run in page.runs).items():
            figures[f"runs {status}"] = count
        figures["clicks"] = sum(sum(side.clicks.values()) for side in self.city.sides.values())
        figures["clicks that nobody answered"] = sum(side.unanswered for side in self.city.sides.values())
        return figures

    def keep_pictures(self) -> None:
        """What can be seen on the platforms goes beside the database and the logs."""
        for name, side in self.city.sides.items():
            (self.city.folder / f"{name}.txt").write_text(side.picture())
        (self.city.folder / "diary.txt").write_text("\n".join(self.diary))


def _settings(mind: ScriptedEndpoint) -> dict[str, str]:
    return {
        "MALLARD_APPROVAL_HOURS": "never",
        "MALLARD_MODEL_BASE_URL": mind.base_url,
        "MALLARD_MODEL_NAME": "scripted",
        "MALLARD_TOKEN_BUDGET": "6000",
    }


def _leaves(broken: BaseExceptionGroup) -> Iterator[BaseException]:
    for each in broken.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each
