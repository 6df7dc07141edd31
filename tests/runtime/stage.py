"""A stage for the runtime: a real record, a scripted model, a door, a worker and a courier, and a platform that obeys."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runtime.afterthoughts.thinkers import thinkers_of
from runtime.afterthoughts.worker import AfterthoughtWorker
from runtime.agent import Agent
from runtime.contents import Card
from runtime.context import ContextBuilder
from runtime.courier import Courier
from runtime.door import Door
from runtime.envelopes import Envelopes
from runtime.loop import Loop
from runtime.masking import NOTHING_OF_OURS
from runtime.memory.recall import Recaller
from runtime.models.port import Model
from runtime.options import Options
from runtime.planner import JsonPlanner
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.reading_room import ReadingRoom
from runtime.records import (
    ConversationRef,
    Event,
    IncomingMessage,
    Run,
    RunId,
    UserRef,
    Workspace,
)
from runtime.signals import Signal, Signals
from runtime.skills.catalogue import Catalogue
from runtime.states import RunStatus
from runtime.tools.defaults import default_tools
from runtime.tools.registry import Registry
from runtime.visibility import Visibility
from runtime.worker import Worker
from storage.encoding import moment
from storage.store import Store
from tests.fakes.scripted import ScriptedModel, call, directive, plans
from tests.runtime.wall import Wall
from tests.storage.blank import lay_blank

NOON = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
GATED = plans(directive(call("shell_exec_safe", command="sh -c true")))
"""A run of one call that asks, and then an answer."""
POND = ConversationRef(platform="slack", space="T1", channel="C1", thread="10.1")
ALICE = UserRef(platform="slack", space="T1", id="UALICE")
BOB = UserRef(platform="slack", space="T1", id="UBOB")
MALLORY = UserRef(platform="slack", space="T1", id="UMALLORY")
PATIENCE = 30.0  # seconds, for a machine that does much else; whoever waits goes on at once
RESTING = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.EXPIRED, RunStatus.WAITING)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


class Stage:
    """One process. `alice` may talk, `bob` is an approver, `mallory` is a stranger."""

    def __init__(self, store: Store, signals: Signals, clock: Clock, folder: Path, **settings: Any) -> None:
        self.store, self.signals, self.clock, self.folder = store, signals, clock, folder
        self.wall = Wall()
        self.model = ScriptedModel(lambda request: self.says(request))
        mind: Model = settings.get("mind") or self.model
        self.says = plans()
        self.roles = settings.get("roles") or Roles(users=frozenset({ALICE}), approvers=frozenset({BOB}))
        self.policy = Policy(
            roles=self.roles,
            requirements=DEFAULT_REQUIREMENTS,
            expiry=settings.get("expiry"),
            rules=settings.get("rules", ()),
        )
        platforms = {"slack": self.wall}
        self.skills = Catalogue(store, clock, folders=settings.get("skill_folders", ()))
        tools = settings.get("tools") or default_tools(history=store, skills=self.skills)
        registry = Registry((*tools, *settings.get("more_tools", ())), settings.get("sources", ()))
        loop = Loop(
            record=store,
            clock=clock,
            planner=JsonPlanner(mind),
            model=mind,
            registry=registry,
            policy=self.policy,
            context=ContextBuilder(registry=registry),
            platforms=platforms,
            max_steps=12,
            recaller=Recaller(record=store, clock=clock, embedder=settings.get("embedder"), patience=0.01),
            skills=self.skills,
        )
        self.afterthoughts = AfterthoughtWorker(
            record=store,
            clock=clock,
            signals=signals,
            thinkers=settings.get("thinkers")
            or thinkers_of(store, mind, clock, settings.get("masker", NOTHING_OF_OURS), settings.get("embedder")),
            platforms=frozenset(platforms),
            concurrency=settings.get("lanes", 2),
        )
        self.worker = Worker(
            loop=loop,
            record=store,
            clock=clock,
            signals=signals,
            platforms=frozenset(platforms),
            concurrency=settings.get("concurrency", 8),
            heartbeat=settings.get("heartbeat", timedelta(milliseconds=20)),
            grace=settings.get("grace", timedelta(seconds=5)),
        )
        agent = Agent(record=store, clock=clock, policy=self.policy, loop=loop, worker=self.worker)
        room = ReadingRoom(record=store, policy=self.policy, visibility=Visibility(self.roles, platforms, clock))
        workspace = Workspace(id="default", path=str(folder))
        self.door = Door(
            agent=agent,
            record=store,
            clock=clock,
            policy=self.policy,
            room=room,
            defaults=lambda where: Options(workspace=workspace, reflect=settings.get("reflect", True)),
        )
        self.courier = Courier(
            record=store,
            clock=clock,
            signals=signals,
            platforms=platforms,
            envelopes=Envelopes(record=store),
            roles=self.roles,
            hear=self.door.receive,
            back_off=lambda attempts: timedelta(0),
            storage_pause=0.01,
        )
        self._messages = 0

    async def says_to_mallard(self, text: str, *, by: UserRef = ALICE, missed: bool = False, **changes: Any) -> None:
        self._messages += 1
        given: dict[str, Any] = {
            "id": f"m{self._messages}", "where": POND, "author": by, "text": text, "sent_at": self.clock.now(),
        }  # fmt: skip
        await self.door.receive(IncomingMessage(**(given | changes)), missed=missed)

    async def press(self, verb: str, number: int = 1, *, by: UserRef = BOB, where: ConversationRef = POND) -> str:
        card = await self.store_card(number)
        token = next(button.token for button in card.buttons if button.verb == verb)
        return (await self.door.click(token, by=by, by_name=by.id, where=where)).words

    async def store_card(self, number: int) -> Card:
        return Envelopes(record=self.store).card(number)  # type: ignore[arg-type]  # a number is what tests count by

    async def run(self, number: int = 1, *wanted: RunStatus) -> Run:
        """A run once it is in one of these statuses; without any, once it rests."""
        return await self.until(lambda: self._run_in(number, wanted or RESTING))

    def run_now(self, number: int = 1) -> Run:
        return self.store.load_run(RunId(number))

    def _run_in(self, number: int, wanted: tuple[RunStatus, ...]) -> Run | None:
        run = self.store.find_run(RunId(number))
        return run if run is not None and run.status in wanted else None

    async def until(self, look: Callable[[], Any]) -> Any:
        """What a look at the record or the wall finds, once it finds something."""
        wake = self.signals.subscribe(*Signal)
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := look()):
                    await wake.wait(timeout=0.01)
        finally:
            self.signals.unsubscribe(wake)
        return found

    def events_of(self, number: int, type_: str) -> tuple[Event, ...]:
        events = self.store.load_events(RunId(number), limit=1_000)
        return tuple(event for event in events if event.type == type_)

    def deliveries(self) -> list[tuple[str, str, str]]:
        return [
            (str(kind), str(status), str(form))
            for kind, status, form in self.store.database.read_rows(
                "SELECT kind, status, form FROM deliveries ORDER BY id LIMIT 64"
            )
        ]

    def put_off_until(self) -> datetime:
        """When the newest delivery is due."""
        row = self.store.database.read_row("SELECT not_before FROM deliveries ORDER BY id DESC LIMIT 1")
        assert row is not None
        return moment(row[0])

    def is_delivered(self) -> bool:
        return all(status in ("sent", "dead", "superseded") for _, status, _ in self.deliveries())


@asynccontextmanager
async def open_stage(folder: Path, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Stage]:
    """A stage on a database in this folder, nobody at work yet."""
    signals, watch = Signals(), clock or Clock()
    files = folder / "workspace"
    files.mkdir(exist_ok=True)
    writing_with = settings.pop("writing_with", sqlite3.Connection)
    lay_blank(folder / "mallard.db")
    async with Store(folder / "mallard.db", signals, watch, writing_with=writing_with) as store:
        yield Stage(store, signals, watch, files, **settings)


@asynccontextmanager
async def at_work(stage: Stage) -> AsyncIterator[None]:
    """Worker and courier run until the block ends, then stop gracefully."""
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(stage.worker.run())
        post = tasks.create_task(stage.courier.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            stage.worker.stop()
            await asyncio.wait({work})
            stage.courier.stop()
            await asyncio.wait({post})
