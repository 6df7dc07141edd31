"""One process that works: a real record, loop, agent, door and courier. Nothing happens in it but what it is told to do."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from runtime.agent import Agent
from runtime.charge import Charge, charge_with
from runtime.context import ContextBuilder
from runtime.courier import Courier
from runtime.door import Door
from runtime.envelopes import Envelopes
from runtime.errors import LeaseLost, MallardError, StateConflict
from runtime.loop import Loop
from runtime.options import Options
from runtime.planner import JsonPlanner
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.proposals import Claimed
from runtime.reading_room import ReadingRoom
from runtime.records import UserRef, Workspace
from runtime.signals import Signals
from runtime.visibility import Visibility
from runtime.worker import Worker
from storage.store import Store
from tests.fakes.scripted import ScriptedModel
from tests.interleavings.board import PLATFORM, Board, Window
from tests.interleavings.deeds import Outside, decide, registry
from tests.interleavings.gates import MARKED, Carried, GatedModel, GatedRecord, Gates, Killed
from tests.storage.blank import lay_blank

OURS = frozenset({PLATFORM})
ANN, BOB, CYD, EVE = (UserRef(platform=PLATFORM, space="T1", id=name) for name in ("ann", "bob", "cyd", "eve"))
ROLES = Roles(users=frozenset({ANN}), approvers=frozenset({BOB, CYD}), admins=frozenset())
CARDS_LIVE = timedelta(hours=1)


class HandClock:
    """Time that passes only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def passes(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class HandWorker(Worker):
    """A worker that does by hand what the real one does whenever it is woken."""

    def __init__(self, office: "Office", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._office = office

    def has_room_for(self, platform: str) -> bool:
        return platform == PLATFORM

    def take(self, claimed: Claimed) -> None:
        self._office.carry(claimed)


class Office:
    """Use `open` and then `close`, `kill` or `hand_in`."""

    def __init__(self, folder: Path, clock: HandClock, board: Board, outside: Outside) -> None:
        self.clock = clock
        self.gates = Gates()
        self.carried: list[Carried] = []
        self.faults: list[BaseException] = []
        self._folder = folder
        self._signals = Signals()
        self.store = Store(folder / "mallard.db", self._signals, clock, synchronous="NORMAL")
        self._record: Any = GatedRecord(self.store, self.gates)
        self._record.wrote = self._note
        self._in_hand: set[int] = set()
        self._window = Window(board, self.gates)
        self._window.die = self.gates.kill
        self._platforms = {PLATFORM: self._window}
        policy = Policy(roles=ROLES, requirements=DEFAULT_REQUIREMENTS, expiry=CARDS_LIVE)
        model = GatedModel(ScriptedModel(decide, piece=40), self.gates)
        tools = registry(outside, self.gates)
        self._loop = Loop(
            record=self._record, clock=clock, planner=JsonPlanner(model), model=model, registry=tools, policy=policy,
            context=ContextBuilder(registry=tools), platforms=self._platforms, max_steps=4,
        )  # fmt: skip
        worker = HandWorker(
            self,
            loop=self._loop,
            record=self._record,
            clock=clock,
            signals=self._signals,
            platforms=OURS,
            concurrency=8,
        )
        agent = Agent(record=self._record, clock=clock, policy=policy, loop=self._loop, worker=worker)
        workspace = Workspace(id="default", path=str(folder))
        self.door = Door(
            agent=agent, record=self._record, clock=clock, policy=policy,
            room=ReadingRoom(record=self._record, policy=policy, visibility=Visibility(ROLES, self._platforms, clock)),
            defaults=lambda where: Options(workspace=workspace),
        )  # fmt: skip

    async def open(self) -> None:
        lay_blank(self.store.database.path)
        await self.store.__aenter__()
        await self.heartbeat()

    # what the worker does

    async def claim(self) -> None:
        for claimed in await self._record.claim(self.clock.now(), platforms=OURS, limit=8):
            self.carry(claimed)

    def carry(self, claimed: Claimed) -> None:
        charge = charge_with(claimed)
        task = asyncio.create_task(self._carry(charge, begun=claimed.begun is not None), name=f"run {claimed.run.id}")
        self.carried.append(Carried(claimed.run.id, claimed.lease.token, charge.stop, task))
        task.add_done_callback(lambda _: self.gates.news.set())

    async def _carry(self, charge: Charge, *, begun: bool) -> None:
        try:
            if begun:
                await self.gates.wait_before(MARKED)
            await self._loop.advance(charge)
        except (LeaseLost, StateConflict):
            pass
        except asyncio.CancelledError:
            with suppress(MallardError):
                may_have_run = frozenset(charge.may_have_run)
                await self._record.release(
                    charge.lease, self.clock.now(), may_have_run=may_have_run, returned=charge.returned
                )
        except Killed:
            pass
        except Exception as fault:
            self.faults.append(fault)
            with suppress(MallardError):
                may_have_run = frozenset(charge.may_have_run)
                await self._record.drop(
                    charge.lease, self.clock.now(), may_have_run=may_have_run, returned=charge.returned
                )

    async def heartbeat(self) -> None:
        await self._record.take_back(self.clock.now())
        held = await self._record.renew(self.clock.now(), tuple(one.token for one in self.carried))
        for one in self.carried:
            if one.token not in held and not one.task.done():
                one.task.cancel()

    async def notice_cancels(self) -> None:
        for one in self.carried:
            run = self.store.find_run(one.run_id)
            if run is not None and run.cancel_requested:
                one.stop.press()

    async def stop_run(self, who: str, by: UserRef) -> None:
        """A person stops the run that `who` carries, and this process hears of it at once."""
        run_id = next(one.run_id for one in self.carried if one.task.get_name() == who)
        await self._record.cancel(run_id, self.clock.now(), by=by)
        await self.notice_cancels()

    async def expire(self) -> None:
        await self._record.expire_due(self.clock.now())

    async def deliver(self) -> None:
        """Deliver what is due now, and what becomes due by that."""
        courier = Courier(
            record=self._record, clock=self.clock, signals=self._signals, platforms=self._platforms,
            envelopes=Envelopes(record=self._record), roles=ROLES,
        )  # fmt: skip
        round_ = asyncio.create_task(courier.run())
        round_.add_done_callback(lambda _: self.gates.news.set())
        self._in_hand.clear()
        while not round_.done() and (self._in_hand or self._is_due()):
            self.gates.news.clear()
            await self.gates.news.wait()
        courier.stop()
        try:
            await round_
        except* Killed:
            pass

    def _is_due(self) -> bool:
        due = self.store.next_due(OURS)
        return due is not None and due <= self.clock.now()

    def _note(self, name: str, arguments: tuple[Any, ...], result: Any) -> None:
        """Follow what the courier has in hand."""
        if name == "claim_deliveries":
            self._in_hand |= {delivery.id for delivery in result}
        elif name in ("settle_sent", "defer", "owe_copy", "give_up"):
            self._in_hand.discard(arguments[0])
        self.gates.news.set()

    # what happens to it

    async def settle(self) -> None:
        """Return once everybody in here waits at a gate or is done, and all that was written is committed."""
        for _ in range(20):  # whoever was just told to stop still stands at a gate: let them hear it first
            await asyncio.sleep(0)
        while True:
            busy = [one for one in self.carried if not one.task.done()]
            if len(self.gates.parked) >= len(busy):
                break
            self.gates.news.clear()
            await self.gates.news.wait()
        self.carried = busy
        if not self.gates.dead:
            await self.store.database.write(lambda tx: None)

    async def kill(self) -> None:
        """As `kill -9` does: nothing of it writes any more, its lock is let go of, and its lock's file stays."""
        self.gates.kill()
        await asyncio.gather(*(one.task for one in self.carried))
        await self.store.__aexit__(None, None, None)
        (self._folder / "mallard.db-workers" / f"worker-{self.store.worker_id}").touch()

    async def hand_in(self) -> None:
        """A graceful end: what runs is cut off and put back."""
        for one in self.carried:
            one.task.cancel()
        await asyncio.gather(*(one.task for one in self.carried))
        await self.store.__aexit__(None, None, None)
