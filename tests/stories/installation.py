"""An installation to tell stories about: a real house, a scripted model, and a clock that only the story moves.

The house is the product's own composition; what it works on is a real SQLite file and a real folder.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bots.house import House
from bots.masking import masker_of
from bots.settings import Settings, load_settings
from runtime.door import Settlement
from runtime.models.port import Model, ModelRequest, Role
from runtime.ports import Platform
from runtime.proposals import RunQuery
from runtime.records import Approval, ApprovalId, ConversationRef, Event, Run, RunId, UserRef
from runtime.signals import Signal, Signals
from runtime.states import RunStatus
from storage.store import Store
from tests.fakes.scripted import ScriptedModel, Spoken, plans
from tests.in_memory import in_memory
from tests.storage.blank import lay_blank

PATIENCE = 30.0  # seconds, for a machine that does much else; whoever waits goes on at once
AT_REST = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.EXPIRED, RunStatus.WAITING)


class HandClock(Protocol):
    """Real time, and a story may move it forward."""

    def now(self) -> datetime: ...

    def advance(self, seconds: float) -> None: ...


class Installation(ABC):
    """`changes` are settings by their environment names. What it speaks on is its platform's own story."""

    def __init__(self, folder: Path, changes: dict[str, str], clock: HandClock) -> None:
        self.folder = folder
        self.files = folder / "workspace"
        self.changes = changes
        self.clock = clock
        self.model = ScriptedModel(self._say)
        self.mind: Model = self.model
        self._says: Callable[[ModelRequest], Spoken] = plans()
        self._open: AsyncExitStack | None = None

    # the model

    def model_says(self, says: Callable[[ModelRequest], Spoken]) -> None:
        """What the model answers from now on."""
        self._says = says

    def model_plans(self, *steps: str, answer: str = "Done.") -> None:
        """One directive after another, then the answer."""
        self._says = plans(*steps, answer=answer)

    def _say(self, request: ModelRequest) -> Spoken:
        return self._says(request)

    def calls_of(self, role: Role) -> int:
        return sum(request.role is role for request in self.model.requests)

    # the house

    @property
    def house(self) -> House:
        assert self._house is not None, "the house is closed"
        return self._house

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def data(self) -> Path:
        """The folder of the database, and of nothing else."""
        return in_memory(self.folder) / "data"

    async def open(self) -> None:
        """Start Mallard and wait until people can talk to it."""
        self._open = AsyncExitStack()
        self._signals = Signals()
        self._runs = self._signals.subscribe(Signal.RUNS)
        self.files.mkdir(exist_ok=True)
        self._house: House | None = await self.make_house(self._open, self._signals, self.make_platforms())
        await self._open.enter_async_context(self._house.working())
        await self.let_people_in(self._open)

    async def make_house(self, until: AsyncExitStack, signals: Signals, platforms: Mapping[str, Platform]) -> House:
        """A house of this installation, which does not work yet; its record is open until the stack ends."""
        settings = self._settings()
        masker = masker_of(settings)
        lay_blank(settings.database)
        store = await until.enter_async_context(Store(settings.database, signals, self.clock, masker=masker))
        return House(settings, store, signals, self.mind, platforms, self.clock)

    @abstractmethod
    def make_platforms(self) -> Mapping[str, Platform]:
        """What the house speaks on, not started yet."""

    @abstractmethod
    async def let_people_in(self, until: AsyncExitStack) -> None:
        """Return once people can talk to the house; what belongs to them ends with the stack."""

    async def close(self) -> None:
        """Stop Mallard gracefully."""
        if self._open is not None:
            await self._open.aclose()
            self._open, self._house = None, None

    async def restart(self) -> None:
        await self.close()
        await self.open()

    @abstractmethod
    def people(self) -> dict[str, str]:
        """The settings that say who may talk, decide and see all."""

    def _settings(self) -> Settings:
        names = {
            "MALLARD_DATABASE": str(self.data / "mallard.db"),
            "MALLARD_WORKSPACE": str(self.files),
            **self.people(),
        }
        lines = [f"{name}={value}" for name, value in (names | self.changes).items()]
        (self.folder / ".env").write_text("\n".join(lines))
        return load_settings(self.folder)

    async def presses(self, person: UserRef, verb: str, number: int = 1, *, comment: str = "") -> Settlement:
        """A person presses a button somewhere else: what an adapter would tell the door."""
        where = ConversationRef(platform=person.platform, space=person.space, channel="elsewhere")
        token = self.house.door.token_of(ApprovalId(number), verb)
        return await self.house.door.click(token, by=person, by_name=person.id, where=where, comment=comment)

    # time

    async def time_passes(self, **spans: float) -> None:
        """Hours, minutes or seconds go by for everybody, and everybody looks at the clock."""
        span = spans.get("hours", 0) * 3600 + spans.get("minutes", 0) * 60 + spans.get("seconds", 0)
        self.clock.advance(span)
        self._signals.wake_all()

    # looking

    async def run(self, number: int = 1, *statuses: RunStatus) -> Run:
        """A run once it is in one of these statuses; without any, once it rests."""
        wanted = statuses or AT_REST
        async with asyncio.timeout(PATIENCE):
            while (run := self.store.find_run(RunId(number))) is None or run.status not in wanted:
                await self._runs.wait()
        return run

    def approval(self, number: int = 1) -> Approval:
        approval = self.store.find_approval(ApprovalId(number))
        assert approval is not None, f"there is no approval {number}"
        return approval

    async def answer(self, number: int = 1) -> str:
        """A run's answer, once it is committed; its delivery may still be on its way."""
        run = await self.run(number, RunStatus.COMPLETED)
        assert run.answer is not None
        return run.answer

    async def until(self, look: Callable[[], Any]) -> None:
        """Until something outside the record is so: a file of the workspace, say. Looked at whenever a run changes,
        and every few milliseconds, since a file system tells nobody."""
        async with asyncio.timeout(PATIENCE):
            while not look():
                await self._runs.wait(timeout=0.01)

    def lines(self, name: str = "ran.txt") -> list[str]:
        """What a file of the workspace says; [] where there is none."""
        path = self.files / name
        return path.read_text().splitlines() if path.exists() else []

    def run_id(self, number: int) -> RunId:
        return RunId(number)

    def runs(self) -> int:
        return len(self.store.list_runs(RunQuery(limit=64)))

    def events(self, number: int = 1) -> tuple[Event, ...]:
        return self.store.load_events(RunId(number), limit=1_000)

    def events_of(self, type_: str, number: int = 1) -> tuple[Event, ...]:
        return tuple(event for event in self.events(number) if event.type == type_)
