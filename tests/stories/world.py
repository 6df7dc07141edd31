"""A world to tell stories in: a real house, a loopback Slack, a scripted model, and a clock that only the story moves.

The house is the product's own composition; what it works on is a real SQLite file and a real folder.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bots.house import House
from bots.settings import Settings, load_settings
from bots.slack import SlackPlatform, SlackSettings
from runtime.door import Settlement
from runtime.models.port import Model, ModelRequest, Role
from runtime.proposals import RunQuery
from runtime.records import Approval, ApprovalId, ConversationRef, Event, Run, RunId, UserRef
from runtime.signals import Signal, Signals
from runtime.states import RunStatus
from storage.store import Store
from tests.fakes.scripted import ScriptedModel, Spoken, plans
from tests.fakes.slack import Message, Person, Slack
from tests.fakes.slack.places import Channel

TEAM = "T1"


class WorldClock:
    """The loopback's time for everybody, so that a story moves it in one place."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._slack.clock.now(), tz=UTC)


class World:
    """`alice` may talk, `bob` is an approver, `carol` an administrator, `mallory` a stranger; all are in `pond`."""

    def __init__(self, slack: Slack, folder: Path, changes: dict[str, str]) -> None:
        self.slack = slack
        self.clock = WorldClock(slack)
        self.folder = folder
        self.files = folder / "workspace"
        self.changes = changes
        self.alice = slack.person("UALICE", name="alice")
        self.bob = slack.person("UBOB", name="bob")
        self.carol = slack.person("UCAROL", name="carol")
        self.mallory = slack.person("UMALLORY", name="mallory")
        self.pond = slack.channel("pond", members=[self.alice, self.bob, self.carol, self.mallory])
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

    async def open(self) -> None:
        """Start Mallard and wait until it is connected."""
        self._open = AsyncExitStack()
        signals = Signals()
        settings = self._settings()
        self.files.mkdir(exist_ok=True)
        store = await self._open.enter_async_context(Store(settings.database, signals, self.clock))
        platform = SlackPlatform(_quick(self.slack), self.clock)
        self._signals = signals
        self._runs = signals.subscribe(Signal.RUNS)
        self._house: House | None = House(settings, store, signals, self.mind, {"slack": platform}, self.clock)
        await self._open.enter_async_context(self._house.working())
        await self.slack.connected()

    async def close(self) -> None:
        """Stop Mallard gracefully."""
        if self._open is not None:
            await self._open.aclose()
            self._open, self._house = None, None

    async def restart(self) -> None:
        await self.close()
        await self.open()

    def _settings(self) -> Settings:
        names = {
            "MALLARD_DATABASE": str(self.folder / "data" / "mallard.db"),
            "MALLARD_WORKSPACE": str(self.files),
            "MALLARD_USERS": f"slack:{TEAM}/UALICE",
            "MALLARD_APPROVERS": f"slack:{TEAM}/UBOB",
            "MALLARD_ADMINS": f"slack:{TEAM}/UCAROL",
        }
        lines = [f"{name}={value}" for name, value in (names | self.changes).items()]
        (self.folder / ".env").write_text("\n".join(lines))
        return load_settings(self.folder)

    # deciding past Slack

    def ref(self, person: Person) -> UserRef:
        """A person of Slack, as the record knows them."""
        return UserRef(platform="slack", space=person.user.team, id=person.id)

    async def presses(self, person: UserRef, verb: str, number: int = 1, *, comment: str = "") -> Settlement:
        """A person presses a button somewhere else: what an adapter would tell the door."""
        where = ConversationRef(platform=person.platform, space=person.space, channel="elsewhere")
        token = self.house.door.token_of(ApprovalId(number), verb)
        return await self.house.door.click(token, by=person, by_name=person.id, where=where, comment=comment)

    # time

    async def time_passes(self, **spans: float) -> None:
        """Hours, minutes or seconds go by for everybody, and everybody looks at the clock."""
        span = spans.get("hours", 0) * 3600 + spans.get("minutes", 0) * 60 + spans.get("seconds", 0)
        self.slack.clock.advance(span)
        self._signals.wake_all()

    # looking

    async def card(self, number: int = 1, *, place: Channel | None = None) -> Message:
        """The Slack message that is the card of an approval, once it stands."""
        return await self.slack.message(place or self.pond, contains=f"Approval {number}:")

    async def run(self, number: int = 1, *statuses: RunStatus) -> Run:
        """A run once it is in one of these statuses; without any, once it rests."""
        wanted = statuses or (
            RunStatus.COMPLETED,
            RunStatus.FAILED,
            RunStatus.CANCELLED,
            RunStatus.EXPIRED,
            RunStatus.WAITING,
        )
        async with asyncio.timeout(10):
            while (run := self.store.find_run(RunId(number))) is None or run.status not in wanted:
                await self._runs.wait()
        return run

    async def closed(self, card: Message, *, saying: str) -> None:
        """Return once a card says how it ended and offers no decision any more."""
        await self.slack.until(lambda: saying in card.text and "Approve" not in card.labels)

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
        async with asyncio.timeout(10):
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


def _quick(slack: Slack) -> SlackSettings:
    """Settings for a Slack that answers at once."""
    return SlackSettings(
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        api_base_url=slack.base_url,
        ping_interval=0.2,
        watchdog_interval=0.1,
        flush_interval=0.01,
        stop_patience=2.0,
        read_retries=0,
    )


@asynccontextmanager
async def open_world(folder: Path, capture: Any = None, **changes: str) -> AsyncIterator[World]:
    """A world whose house is open. `changes` are settings by their environment names."""
    async with Slack(capture=capture) as slack:
        world = World(slack, folder, changes)
        await world.open()
        try:
            yield world
        finally:
            await world.close()
        slack.check_clean()
