"""No change of status, written down by triggers of SQLite, leaves the tables, whatever is fired at random in any order."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.errors import LeaseLost, NotFound, StateConflict
from runtime.proposals import Claimed, Ending
from runtime.records import ApprovalId, ApprovalKind, CallId, Requirement, Verdict
from runtime.states import APPROVAL, CALL, DELIVERY, RUN, Table
from storage.progress import record_observation
from storage.transaction import Transaction
from tests.storage.desk import ALICE, DONE, EVERYWHERE, READY, REFUSED, Desk, asks, open_desk, proposal, thread

STATUSES: dict[str, tuple[str, Table]] = {
    "runs": ("status", RUN),
    "approvals": ("status", APPROVAL),
    "call_states": ("state", CALL),
    "deliveries": ("status", DELIVERY),
}


def watch_changes(tx: Transaction) -> None:
    tx.execute("CREATE TEMP TABLE changes (machine TEXT, before TEXT, after TEXT)")
    for table, (column, _) in STATUSES.items():
        tx.execute(
            f"CREATE TEMP TRIGGER watch_{table} AFTER UPDATE OF {column} ON main.{table} WHEN OLD.{column} <> NEW.{column} "
            f"BEGIN INSERT INTO changes VALUES ('{table}', OLD.{column}, NEW.{column}); END"
        )


def changes(tx: Transaction) -> set[tuple[str, str, str]]:
    return set(tx.execute("SELECT machine, before, after FROM changes").fetchall())


RULINGS = (READY, REFUSED, asks(), asks(Requirement.REQUESTER))
STEPS = st.one_of(
    st.tuples(st.just("receive"), st.integers(1, 2)),
    st.tuples(st.just("claim")),
    st.tuples(st.just("step"), st.lists(st.integers(0, 4), min_size=0, max_size=3)),
    st.tuples(st.sampled_from(["start", "observe", "lose", "stale"]), st.integers(0, 2)),
    st.tuples(st.sampled_from(["suspend", "open_answer"])),
    st.tuples(st.sampled_from(["release", "drop"]), st.sets(st.integers(1, 3))),
    st.tuples(st.just("finish"), st.sampled_from(list(Ending)), st.booleans()),
    st.tuples(st.just("settle"), st.integers(1, 4), st.sampled_from(list(Verdict))),
    st.tuples(st.just("cancel"), st.integers(1, 3)),
    st.tuples(st.just("ask_again"), st.integers(1, 3)),
    st.tuples(st.just("time"), st.integers(1, 90)),
    st.tuples(st.sampled_from(["expire", "take_back", "deliver", "take_deliveries"])),
    st.tuples(st.sampled_from(["sent", "defer", "give_up"]), st.integers(1, 5)),
)


class Archer:
    """Fires at the record with whatever leases it has ever had, and with calls as it once saw them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.held: list[Claimed] = []
        self.received = 0

    async def fire(self, name: str, *aim: object) -> None:
        try:
            await getattr(self, name)(*aim)
        except (LeaseLost, StateConflict, NotFound, IndexError):
            return  # it was told so, or there was nothing to aim at

    async def receive(self, place: int) -> None:
        self.received += 1
        await self.desk.receive(f"m{self.received}", where=thread(place))

    async def claim(self) -> None:
        desk = self.desk
        self.held += await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=2)

    async def step(self, rulings: list[int]) -> None:
        soon = asks(until=self.desk.now + timedelta(seconds=30))
        calls = tuple(proposal((*RULINGS, soon)[n]) for n in rulings)
        last = self.held[-1]
        run = await self.desk.store.record_step(last.lease, last.run, self.desk.now, text="", calls=calls, facts=())
        self.held.append(Claimed(lease=last.lease, run=run))

    async def start(self, number: int) -> None:
        last = self.held[-1]
        await self.desk.store.mark_started(last.lease, last.run.steps[-1].calls[number], self.desk.now)

    async def observe(self, number: int) -> None:
        """Waited for, unlike what a worker does: what misses must not keep the archer from shooting on."""
        last, now = self.held[-1], self.desk.now
        call = last.run.steps[-1].calls[number]
        await self.desk.write(lambda tx: record_observation(tx, last.lease, call, DONE, now, facts=()))

    async def lose(self, number: int) -> None:
        last = self.held[-1]
        await self.desk.store.record_unknown_outcome(
            last.lease, last.run.steps[-1].calls[number], Requirement.APPROVERS, self.desk.now, why="lost", facts=()
        )

    async def stale(self, number: int) -> None:
        last = self.held[-1]
        await self.desk.store.record_stale(
            last.lease, last.run.steps[-1].calls[number], self.desk.now,
            requirement=Requirement.APPROVERS, expires_at=None, preview="", target="",
        )  # fmt: skip

    async def suspend(self) -> None:
        await self.desk.store.suspend(self.held[-1].lease, self.desk.now)

    async def release(self, may_have_run: set[int]) -> None:
        calls = frozenset(CallId(number) for number in may_have_run)
        await self.desk.store.release(self.held[-1].lease, self.desk.now, may_have_run=calls)

    async def drop(self, may_have_run: set[int]) -> None:
        calls = frozenset(CallId(number) for number in may_have_run)
        await self.desk.store.drop(self.held[-1].lease, self.desk.now, may_have_run=calls)

    async def open_answer(self) -> None:
        await self.desk.store.open_answer(self.held[-1].lease, self.desk.now)

    async def finish(self, ending: Ending, streamed: bool) -> None:
        last = self.held[-1]
        await self.desk.store.finish(
            last.lease, last.run, self.desk.now, ending=ending, text="so", facts=(), streamed=streamed
        )

    async def settle(self, number: int, verdict: Verdict) -> None:
        approval = self.desk.store.find_approval(ApprovalId(number))
        permits = verdict in (Verdict.APPROVE, Verdict.DENY, Verdict.CHANGE)
        if approval is not None and (approval.kind is ApprovalKind.PERMISSION) == permits:
            await self.desk.settle(number, verdict)  # the agent lets no other through

    async def cancel(self, number: int) -> None:
        await self.desk.store.cancel(self.desk.run(number).id, self.desk.now, by=ALICE)

    async def ask_again(self, number: int) -> None:
        await self.desk.store.ask_again(self.desk.run(number).id, self.desk.now, by=ALICE, expires_at=None)

    async def time(self, seconds: int) -> None:
        self.desk.clock.pass_(seconds=seconds)

    async def expire(self) -> None:
        await self.desk.store.expire_due(self.desk.now)

    async def take_back(self) -> None:
        await self.desk.store.take_back(self.desk.now)

    async def deliver(self) -> None:
        await self.desk.deliver()

    async def take_deliveries(self) -> None:
        await self.desk.store.claim_deliveries(self.desk.now, platforms=EVERYWHERE, limit=2)

    async def sent(self, number: int) -> None:
        await self.desk.store.settle_sent(number, self.desk.now, sent=())  # type: ignore[arg-type]  # any number

    async def defer(self, number: int) -> None:
        await self.desk.store.defer(number, not_before=self.desk.now, error="", unsent=True)  # type: ignore[arg-type]

    async def give_up(self, number: int) -> None:
        await self.desk.store.give_up(number, error="gone")  # type: ignore[arg-type]  # any number


async def fire_all(first: list[int], steps: list[tuple[object, ...]], folder: Path) -> set[tuple[str, str, str]]:
    async with open_desk(folder / "mallard.db", synchronous="NORMAL", max_attempts=2) as desk:
        await desk.write(watch_changes)
        archer = Archer(desk)
        for name, *aim in [("receive", 1), ("claim",), ("step", first), *steps]:
            await archer.fire(str(name), *aim)
        assert desk.breaks() == [], "the trail must verify wherever a run stands"
        for run_id, status, pending in await desk.store.database.scan(_PENDING_OF_ENDED):
            raise AssertionError(f"run {run_id} is {status}, and {pending} of its cards can still be decided")
        return await desk.write(changes)


_PENDING_OF_ENDED = """
SELECT r.id, r.status, count(*) FROM runs AS r JOIN approvals AS a ON a.run_id = r.id
WHERE r.status IN ('completed', 'failed', 'cancelled') AND a.status = 'pending' GROUP BY r.id
"""


@settings(max_examples=120)
@given(first=st.lists(st.integers(0, 4), max_size=3), steps=st.lists(STEPS, min_size=4, max_size=30))
def test_no_status_ever_changes_but_as_the_tables_say(first: list[int], steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(fire_all(first, steps, Path(folder)))

    for machine, before, after in seen:
        table = STATUSES[machine][1]
        known = {(start.value, end.value) for (start, _), end in table.items()}
        assert (before, after) in known, f"{machine}: {before} became {after}"
