"""A desk to test the record at: a store on a real file, a clock that only the test moves, and the usual papers."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, field

from runtime.proposals import Claimed, Ending, Intake, ProposedCall, Ruling, Settled
from runtime.records import (
    Approval,
    ApprovalId,
    ConversationRef,
    Decision,
    Delivery,
    Denial,
    DeniedBy,
    Effect,
    IncomingMessage,
    MessageRef,
    Observation,
    Reasoning,
    Requirement,
    Risk,
    Run,
    RunId,
    ToolCall,
    UserRef,
    Verdict,
    Workspace,
)
from runtime.signals import Signals
from runtime.states import CallState, RunStatus
from storage.events import Break, verify_chain
from storage.store import Store
from storage.transaction import Transaction

T = TypeVar("T")

DAWN = datetime(2030, 5, 1, 6, 0, tzinfo=UTC)
POND = ConversationRef(platform="slack", space="T1", channel="C1", thread="10.1")
ALICE = UserRef(platform="slack", space="T1", id="UALICE")
BOB = UserRef(platform="slack", space="T1", id="UBOB")
EVERYWHERE = frozenset({"slack", "terminal", "discord"})
DONE = Observation(ok=True, text="done")
READY = Ruling(state=CallState.READY)
REFUSED = Ruling(state=CallState.DENIED, denial=Denial(by=DeniedBy.POLICY, reason="never"))


class Clock(Struct):
    """Stands still until it is moved."""

    at: datetime = DAWN

    def now(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


def thread(number: int) -> ConversationRef:
    """One conversation of many."""
    return ConversationRef(platform="slack", space="T1", channel="C1", thread=f"{number}.0")


def message(id_: str = "m1", *, where: ConversationRef = POND, at: datetime = DAWN, **changes: Any) -> IncomingMessage:
    given: dict[str, Any] = {
        "id": id_, "where": where, "author": ALICE, "author_name": "Alice", "text": f"please, {id_}", "sent_at": at,
    }  # fmt: skip
    return IncomingMessage(**(given | changes))


def intake(of: IncomingMessage | None = None, *, debug: bool = False) -> Intake:
    return Intake(
        message=of or message(),
        workspace=Workspace(id="default", path="/srv/files"),
        reasoning=Reasoning.AUTO,
        debug=debug,
        reflect=False,
        heard="One moment.",
    )


def asks(who: Requirement = Requirement.APPROVERS, *, until: datetime | None = None) -> Ruling:
    return Ruling(state=CallState.AWAITING_APPROVAL, requirement=who, expires_at=until)


def proposal(ruling: Ruling = READY, *, effect: Effect = Effect.EXTERNAL, **changes: Any) -> ProposedCall:
    given: dict[str, Any] = {
        "tool": "shell", "version": "1", "arguments": {"command": "make"}, "digest": "ab" * 32, "effect": effect,
        "risk": Risk.HIGH, "reason": "to see", "why_asked": "it runs", "preview": "$ make", "target": "", "ruling": ruling,
    }  # fmt: skip
    return ProposedCall(**(given | changes))


def says(verdict: Verdict = Verdict.APPROVE, *, by: UserRef = BOB, at: datetime = DAWN, **changes: Any) -> Decision:
    given: dict[str, Any] = {"verdict": verdict, "by": by, "by_name": by.id.title(), "at": at, "where": "slack:T1/C1"}
    return Decision(**(given | changes))


class Desk(Struct, kw_only=True):
    """A store of one worker process, with short words for what tests do to it again and again."""

    path: Path
    store: Store
    clock: Clock
    signals: Signals
    _asked: int = field(default=0)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # bringing runs to where a test begins

    async def receive(self, id_: str = "m1", *, where: ConversationRef = POND, at: datetime | None = None) -> Run:
        received = await self.store.receive(intake(message(id_, where=where, at=at or self.now)), self.now, claim=False)
        assert received.run is not None, "it was received before"
        return received.run

    async def claim(self) -> Claimed:
        (claimed,) = await self.store.claim(self.now, platforms=EVERYWHERE, limit=1)
        return claimed

    async def start(
        self, *rulings: Ruling, effect: Effect = Effect.EXTERNAL, where: ConversationRef | None = None
    ) -> Claimed:
        """A running run of a conversation of its own, with one step of these calls."""
        self._asked += 1
        await self.receive(f"asked-{self._asked}", where=where or thread(self._asked))
        claimed = await self.claim()
        if not rulings:
            return claimed
        calls = tuple(proposal(ruling, effect=effect) for ruling in rulings)
        run = await self.store.record_step(
            claimed.lease, claimed.run, self.now, text="a thought", calls=calls, facts=()
        )
        await self.commit()
        return Claimed(lease=claimed.lease, run=run)

    async def suspend(self, *rulings: Ruling, effect: Effect = Effect.EXTERNAL) -> Run:
        """A run that waits for people."""
        claimed = await self.start(*rulings, effect=effect)
        assert claimed.run.status is RunStatus.WAITING, "its first call does not wait for anybody"
        return claimed.run

    async def lose(self) -> Run:
        """A run that waits for somebody to say what became of its call."""
        claimed = await self.start(READY)
        run = self.run(claimed.run)
        await self.store.record_unknown_outcome(
            claimed.lease, first_call(run), Requirement.APPROVERS, self.now, why="it was cut off", facts=()
        )
        return await self.store.suspend(claimed.lease, self.now)

    async def settle(self, approval: Approval | int, verdict: Verdict = Verdict.APPROVE, **changes: Any) -> Settled:
        number = approval if isinstance(approval, int) else approval.id
        decision = says(verdict, **({"at": self.now} | changes))
        return await self.store.settle(ApprovalId(number), decision, grant=None, claim=False)

    async def finish(self, claimed: Claimed, ending: Ending = Ending.ANSWERED) -> None:
        await self.store.finish(
            claimed.lease, claimed.run, self.now, ending=ending, text="It is done.", facts=(), streamed=False
        )

    async def deliver(self, *, limit: int = 64) -> list[Delivery]:
        """Send all that is due, as a courier would."""
        due = await self.store.claim_deliveries(self.now, platforms=EVERYWHERE, limit=limit)
        for delivery in due:
            sent = (MessageRef(where=delivery.where, id=f"sent-{delivery.id}"),)
            await self.store.settle_sent(delivery.id, self.now, sent=None if delivery.kind == "card_update" else sent)
        return due

    async def commit(self) -> None:
        """Commit what lingers."""
        await self.write(lambda tx: None)

    # looking

    def run(self, run: Run | int) -> Run:
        return self.store.load_run(RunId(run if isinstance(run, int) else run.id))

    def approval(self, number: int) -> Approval:
        found = self.store.find_approval(ApprovalId(number))
        assert found is not None
        return found

    def approvals_of(self, run: Run) -> list[Approval]:
        rows = self.store.database.read_rows("SELECT id FROM approvals WHERE run_id = ? ORDER BY id", (run.id,))
        return [self.approval(row[0]) for row in rows]

    def states_of(self, run: Run) -> list[CallState]:
        return [call.state for call in self.run(run).steps[-1].calls]

    def events_of(self, run: Run) -> list[str]:
        return [event.type for event in self.store.load_events(run.id)]

    def deliveries_of(self, run: Run) -> list[tuple[str, str]]:
        sql = "SELECT kind, status FROM deliveries WHERE run_id = ? ORDER BY id"
        return [(kind, status) for kind, status in self.store.database.read_rows(sql, (run.id,))]

    def breaks(self) -> list[Break]:
        return list(verify_chain(self.store.database.reader))

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        return await self.store.database.write(unit)


def first_call(run: Run) -> ToolCall:
    return run.steps[-1].calls[0]


async def take(desk: Desk, limit: int = 9) -> list[Delivery]:
    return await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=limit)


@asynccontextmanager
async def open_desk(path: Path, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Desk]:
    """A desk on the database of that path, which is made where there is none."""
    signals, watch = Signals(), clock or Clock()
    async with Store(path, signals, watch, **settings) as store:
        yield Desk(path=path, store=store, clock=watch, signals=signals)


def look(path: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What a stranger's connection sees: committed rows only."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, parameters).fetchall()


def tamper(path: Path, *statements: str) -> None:
    """What somebody with the file in hands does: no triggers, no foreign keys."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
