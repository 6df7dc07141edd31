"""The composition root: the one place that sees settings, storage, runtime and platforms, and puts them together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bots.catching_up import catch_up
from bots.embedding import open_embedder_of
from bots.masking import masker_of
from bots.models import open_model_of
from bots.platforms import Chosen, make_platforms, mounts_of, probe_of
from bots.rules import about_no_tool, defaults_of, policy_of, roles_of, servers_of
from bots.sandboxes import shell_of
from bots.settings import Settings
from bots.watch import StoreWatch
from runtime.afterthoughts.thinkers import thinkers_of
from runtime.afterthoughts.worker import AfterthoughtWorker
from runtime.agent import Agent
from runtime.context import ContextBuilder
from runtime.courier import Courier
from runtime.door import Door
from runtime.envelopes import Envelopes
from runtime.loop import Loop
from runtime.mcp.servers import Servers
from runtime.memory.ports import Embedder
from runtime.memory.recall import Recaller
from runtime.memory.reembedding import Reembedding
from runtime.memory.upkeep import keep_up
from runtime.models.fixed_words import NOTICE, command_list
from runtime.models.masked import MaskedModel
from runtime.models.port import Model
from runtime.planner import JsonPlanner
from runtime.ports import Clock, Platform
from runtime.reading_room import ReadingRoom
from runtime.signals import Signals
from runtime.skills.catalogue import Catalogue
from runtime.tools.defaults import default_tools
from runtime.tools.passwords import Passwords
from runtime.tools.registry import Registry
from runtime.visibility import Visibility
from runtime.worker import Worker
from storage.store import Store

if TYPE_CHECKING:
    from bots.web.server import Probe

log = logging.getLogger(__name__)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class House:
    """An open installation. `working()` makes it serve; without that it can be looked at and decided in."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        signals: Signals,
        model: Model,
        platforms: Mapping[str, Platform],
        clock: Clock,
        passwords: Passwords | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.settings, self.store, self.platforms, self._signals = settings, store, platforms, signals
        self.clock = clock
        self.watch = StoreWatch(store, signals)
        self.stopped_by = 0
        self._stop = asyncio.Event()
        self.masker = masker = masker_of(settings)
        model = self._model = MaskedModel(model=model, masker=masker)
        names = frozenset(platforms)
        roles = roles_of(settings, store)
        policy = policy_of(settings, roles)
        self._servers = Servers(servers_of(settings))
        self.skills = Catalogue(store, self.clock, folders=tuple(map(str, settings.skill_folders)), masker=masker)
        tools = default_tools(
            shell_of(settings, passwords),
            http_allow_hosts=settings.http_allow_hosts,
            history=store,
            skills=self.skills,
            masker=masker,
        )
        registry = Registry(tools, (self._servers,))
        self.policy, self.registry, self.defaults = policy, registry, defaults_of(settings)
        self.envelopes = Envelopes(record=store, masker=masker)
        recaller = Recaller(record=store, clock=self.clock, masker=masker, embedder=embedder)
        loop = Loop(
            record=store,
            clock=self.clock,
            planner=JsonPlanner(model),
            model=model,
            registry=registry,
            policy=policy,
            context=ContextBuilder(registry=registry, budget=settings.token_budget, masker=masker),
            platforms=platforms,
            max_steps=settings.max_steps,
            masker=masker,
            recaller=recaller if model.is_language_model else None,
            skills=self.skills,
        )
        self.worker = Worker(
            loop=loop,
            record=store,
            clock=self.clock,
            signals=signals,
            platforms=names | frozenset(settings.work_for),
            concurrency=settings.concurrency,
        )
        self.afterthoughts = AfterthoughtWorker(
            record=store,
            clock=self.clock,
            signals=signals,
            thinkers=thinkers_of(store, model, self.clock, masker, embedder),
            platforms=names | frozenset(settings.work_for),
        )
        self._reembedding = (
            None if embedder is None
            else Reembedding(record=store, embedder=embedder, is_busy=lambda: self.worker.is_busy)
        )  # fmt: skip
        agent = Agent(record=store, clock=self.clock, policy=policy, loop=loop, worker=self.worker, masker=masker)
        self.door = Door(
            agent=agent,
            record=store,
            clock=self.clock,
            policy=policy,
            room=ReadingRoom(
                record=store, policy=policy, visibility=Visibility(roles, platforms, self.clock), masker=masker
            ),
            defaults=self.defaults,
            greeting="" if model.is_language_model else f"{command_list()}\n\n{NOTICE}",
            masker=masker,
            embedder=embedder,
        )
        self.courier = Courier(
            record=store, clock=self.clock, signals=signals, platforms=platforms, envelopes=self.envelopes, roles=roles,
            hear=self.door.receive,
        )  # fmt: skip

    @property
    def greeting(self) -> str:
        """What runs here, and how to get going."""
        where = ", ".join(sorted(self.platforms)) or "nothing"
        words = f"Mallard is here ({where}). Say what you want, or help."
        if "terminal" in self.platforms:
            words += " /quit leaves."
        if not self._model.is_language_model:
            words += (
                "\nNo language model is configured: a small built-in planner understands a few phrases. To use one, set "
                "MALLARD_MODEL_BASE_URL and MALLARD_MODEL_NAME in .env; `mallard doctor` looks for one on this machine."
            )
        return words

    def stop(self, signal_number: int = 0) -> None:
        """Ask for a graceful end. Safe to call twice."""
        self.stopped_by = self.stopped_by or signal_number
        self._stop.set()

    async def until_stopped(self) -> None:
        await self._stop.wait()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Claim, carry and deliver until the block ends; then claim nothing more, finish or hand back what runs, and
        answer clicks until the last moment."""
        async with AsyncExitStack() as doors, asyncio.TaskGroup() as tasks:
            begun = [tasks.create_task(keep_up(self.store, self.clock), name="memory upkeep")]
            work, post, thoughts = None, None, None
            try:
                for warning in about_no_tool(self.policy, self.registry.names):
                    log.warning("%s", warning)
                await doors.enter_async_context(self._servers.running())
                await self._open_web(doors)
                for platform in self.platforms.values():
                    # Read before anything new arrives: a live message must not move the bound past what was missed.
                    since = await self.store.begin_serving(platform.name, self.clock.now())
                    seen = self.store.list_seen(platform.name)
                    self.door.begin_catching_up(platform.name)
                    await platform.start(self.door)
                    doors.push_async_callback(platform.stop)
                    begun.append(
                        tasks.create_task(catch_up(platform, self.door, seen, since), name=f"catch up {platform.name}")
                    )
                # What was left over is taken up once it can be shown: not before there is somewhere to say it.
                work = tasks.create_task(self.worker.run(), name="worker")
                post = tasks.create_task(self.courier.run(), name="courier")
                if self._model.is_language_model:  # without one, what is owed waits for the day that there is one
                    thoughts = tasks.create_task(self.afterthoughts.run(), name="afterthoughts")
                if self._reembedding is not None:
                    begun.append(tasks.create_task(self._reembedding.run(), name="re-embedding"))
                yield
            finally:
                for task in begun:
                    task.cancel()
                self.afterthoughts.stop()
                self.worker.stop()
                if work is not None:
                    await asyncio.wait({work})
                self.courier.stop()
                if post is not None:
                    await asyncio.wait({post})
                if thoughts is not None:
                    await asyncio.wait({thoughts})

    async def _open_web(self, doors: AsyncExitStack) -> None:
        port = self.settings.listening_port
        if port is None:
            return
        from bots.web.server import build_app, serve

        app = build_app(self._probes(), mounts_of(self.platforms, self.settings))
        port = await doors.enter_async_context(serve(app, self.settings.web_host, port))
        log.info("listening on http://%s:%d", self.settings.web_host, port)

    def _probes(self) -> "Mapping[str, Probe]":
        async def database() -> str:
            self.store.database.read_row("SELECT 1")
            return ""

        return {"database": database} | {name: probe_of(platform) for name, platform in self.platforms.items()}


@asynccontextmanager
async def open_house(settings: Settings, chosen: Chosen) -> AsyncIterator[House]:
    """Open the record and the models, making folders where needed. Raises SettingsError or StorageError."""
    settings.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.workspace.mkdir(parents=True, exist_ok=True)
    signals, clock = Signals(), SystemClock()
    platforms = make_platforms(settings, chosen, clock)
    masker = masker_of(settings)
    async with (
        open_model_of(settings) as model,
        open_embedder_of(settings, masker) as embedder,
        Store(settings.database, signals, clock, synchronous=settings.synchronous, masker=masker) as store,
    ):
        yield House(settings, store, signals, model, platforms, clock, passwords=chosen.passwords, embedder=embedder)
