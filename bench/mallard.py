"""Mallard as a subject: the real door, agent, worker, courier and record; only what is around them is small."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from bench.house_parts import PLATFORM, ImmediateModel, QuietPlatform, SystemClock, bench_tools
from bench.subject import REQUEST, RISKY_REQUEST, Setting
from runtime.agent import Agent, Outcome
from runtime.charge import Charge
from runtime.context import ContextBuilder
from runtime.courier import Courier
from runtime.door import Door
from runtime.envelopes import Envelopes
from runtime.loop import Loop
from runtime.masking import Masker
from runtime.models.endpoint import Endpoint
from runtime.models.masked import MaskedModel
from runtime.models.port import Model, Role
from runtime.options import Options
from runtime.planner import JsonPlanner
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.ports import Platform
from runtime.reading_room import ReadingRoom
from runtime.records import ConversationRef, IncomingMessage, RunId, UserRef, Workspace
from runtime.signals import Signals
from runtime.states import RunStatus
from runtime.tools.registry import Registry
from runtime.visibility import Visibility
from runtime.worker import Worker
from storage.store import Store

COURIER, STREAMING = "courier", "streaming"
_ANNE = UserRef(platform=PLATFORM, id="anne")
_CONCURRENCY = 256


class WatchedLoop(Loop):
    """The loop, and a bell that rings whenever it puts a run out of its hands."""

    def __init__(self, *, rest: "Rests", **parts: object) -> None:
        super().__init__(**parts)  # type: ignore[arg-type]  # handed on as they are
        self._rest = rest

    async def advance(self, charge: Charge) -> RunStatus:
        status = await super().advance(charge)
        self._rest.of(charge.run.message_id).set_result((charge.run.id, status))
        return status


class Rests:
    """Who waits for which message's run to come to rest."""

    def __init__(self) -> None:
        self._futures: dict[str, asyncio.Future[tuple[RunId, RunStatus]]] = {}

    def of(self, message_id: str) -> "asyncio.Future[tuple[RunId, RunStatus]]":
        return self._futures.setdefault(message_id, asyncio.get_running_loop().create_future())

    async def wait(self, message_id: str) -> tuple[RunId, RunStatus]:
        found = await self.of(message_id)
        del self._futures[message_id]
        return found


class Mallard:
    def __init__(self, store: Store, door: Door, rests: Rests) -> None:
        self._store, self._door, self._rests = store, door, rests
        self._clock = SystemClock()

    @property
    def commits(self) -> int:
        return self._store.database.commits

    async def message(self, conversation: str) -> str:
        run_id, _ = await self._rests.wait(await self._say(conversation, REQUEST))
        return self._answer(run_id)

    async def suspend(self, conversation: str) -> str:
        message_id = await self._say(conversation, RISKY_REQUEST)
        run_id, status = await self._rests.wait(message_id)
        assert status is RunStatus.WAITING, status
        (approval,) = self._store.list_pending(run_id=run_id)
        return f"{self._door.token_of(approval, 'approve')} {message_id}"

    async def decide(self, ticket: str) -> str:
        token, message_id = ticket.split()
        where = ConversationRef(platform=PLATFORM, channel="elsewhere")
        settled = await self._door.click(token, by=_ANNE, by_name="Anne", where=where)
        if settled.outcome is not Outcome.DECIDED:
            return settled.words
        run_id, _ = await self._rests.wait(message_id)
        return self._answer(run_id)

    async def recover(self, ticket: str) -> str:
        """What a new process makes of a run whose process died in mid-call; returns how the run then stands."""
        run_id, status = await self._rests.wait(ticket.split()[1])
        call = self._store.load_run(run_id).steps[-1].calls[-1]
        return f"run is {status}, call is {call.state}"

    def _answer(self, run_id: RunId) -> str:
        row = self._store.database.read_row("SELECT answer FROM runs WHERE id = ?", (run_id,))
        return str(row[0]) if row else ""

    async def _say(self, conversation: str, text: str) -> str:
        now = self._clock.now()
        message_id = f"{conversation}-{now.timestamp():.6f}"
        where = ConversationRef(platform=PLATFORM, channel=conversation)
        await self._door.receive(
            IncomingMessage(
                id=message_id, where=where, author=_ANNE, author_name="Anne", text=text, sent_at=now, direct=True
            )
        )
        return message_id


@asynccontextmanager
async def open_mallard(setting: Setting) -> AsyncIterator[Mallard]:
    """Put Mallard together as its composition root does, and let it work until the block ends.

    Open means: what earlier workers left behind is taken back. Nothing of that is done while something is measured.
    """
    signals, clock, rests = Signals(), SystemClock(), Rests()
    platforms: Mapping[str, Platform] = (
        {PLATFORM: QuietPlatform(streams=setting.variant == STREAMING)} if setting.variant else {}
    )
    workspace = Workspace(id="default", path=str(setting.folder))
    async with AsyncExitStack() as stack:
        masker = Masker(
            {
                "MALLARD_SLACK_BOT_TOKEN": "bench-0123456789-abcdefghijkl",
                "MALLARD_MODEL_API_KEY": "bench-key-0123456789",
            }
        )
        model = MaskedModel(model=await _open_model(setting, stack), masker=masker)
        store = await stack.enter_async_context(Store(setting.folder / "mallard.db", signals, clock, masker=masker))
        roles = Roles(users=frozenset({_ANNE}), approvers=frozenset({_ANNE}))
        policy, registry = Policy(roles=roles, requirements=DEFAULT_REQUIREMENTS), Registry(bench_tools())
        loop = WatchedLoop(
            rest=rests, record=store, clock=clock, planner=JsonPlanner(model), model=model, registry=registry,
            policy=policy, context=ContextBuilder(registry=registry, masker=masker), platforms=platforms, max_steps=12,
            masker=masker,
        )  # fmt: skip
        worker = Worker(
            loop=loop, record=store, clock=clock, signals=signals, platforms=frozenset({PLATFORM}),
            concurrency=_CONCURRENCY,
        )  # fmt: skip
        room = ReadingRoom(record=store, policy=policy, visibility=Visibility(roles, platforms, clock), masker=masker)
        door = Door(
            agent=Agent(record=store, clock=clock, policy=policy, loop=loop, worker=worker, masker=masker),
            record=store, clock=clock, policy=policy, room=room, masker=masker,
            defaults=lambda where: Options(workspace=workspace),
        )  # fmt: skip
        courier = Courier(
            record=store, clock=clock, signals=signals, platforms=platforms, envelopes=Envelopes(record=store, masker=masker),
            roles=roles,
        )  # fmt: skip
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run())
            if platforms:
                tasks.create_task(courier.run())
            await asyncio.sleep(0)  # the worker takes runs from now on
            await asyncio.sleep(0)  # and begins by taking back what workers that are gone had
            await store.database.write(lambda tx: None)
            try:
                yield Mallard(store, door, rests)
            finally:
                worker.stop()
                courier.stop()


async def _open_model(setting: Setting, stack: AsyncExitStack) -> Model:
    if not setting.model_url:
        return ImmediateModel()
    from runtime.models.client import open_model

    endpoint = Endpoint(base_url=setting.model_url, model="fake")
    return await stack.enter_async_context(open_model(dict.fromkeys(Role, endpoint)))
