"""Leases: who has lost a run writes nothing of it any more, and what the dead leave behind is taken up."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.errors import LeaseLost, StateConflict
from runtime.proposals import Claimed, Ending
from runtime.record_ports import Progress
from runtime.records import Effect, Lease, MessageRef, Requirement
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.storage.desk import ALICE, DONE, EVERYWHERE, READY, Desk, asks, first_call, open_desk, proposal
from tests.storage.strain import child

LEASE = timedelta(seconds=30)

Write = Callable[[Desk, Claimed], Awaitable[object]]

# Every write of a worker that takes the lease, by its name in the port.
WRITES: dict[str, Write] = {
    "drop": lambda d, c: d.store.drop(c.lease, d.now),
    "release": lambda d, c: d.store.release(c.lease, d.now),
    "record_attachments": lambda d, c: d.store.record_attachments(c.lease, ()),
    "record_step": lambda d, c: d.store.record_step(c.lease, d.now, text="", calls=(proposal(),), facts=()),
    "mark_started": lambda d, c: d.store.mark_started(c.lease, first_call(c.run), d.now),
    "record_observation": lambda d, c: d.store.record_observation(c.lease, first_call(c.run), DONE, d.now),
    "record_unknown_outcome": lambda d, c: d.store.record_unknown_outcome(
        c.lease, first_call(c.run), Requirement.APPROVERS, d.now, why="", facts=()
    ),
    "record_stale": lambda d, c: d.store.record_stale(
        c.lease, first_call(c.run), d.now, requirement=Requirement.APPROVERS, expires_at=None, preview="", target=""
    ),
    "suspend": lambda d, c: d.store.suspend(c.lease, d.now),
    "open_answer": lambda d, c: d.store.open_answer(c.lease, d.now),
    "finish": lambda d, c: d.store.finish(
        c.lease, d.now, ending=Ending.ANSWERED, text="", facts=(), streamed=False
    ),
}  # fmt: skip
# These take no lease: they claim, keep or free leases themselves, or name a delivery and not a run.
WITHOUT_LEASE = {"claim", "renew", "take_back", "record_answer_posted"}


def test_every_write_of_a_worker_is_listed_here() -> None:
    names = {name for name in vars(Progress) if not name.startswith("_")}
    assert names == set(WRITES) | WITHOUT_LEASE


def contents(desk: Desk) -> list[object]:
    tables = ("runs", "steps", "tool_calls", "call_states", "approvals", "events", "deliveries")
    return [desk.store.database.read_rows(f"SELECT * FROM {table}") for table in tables]


@pytest.mark.parametrize("name", WRITES)
async def test_whoever_has_lost_the_lease_writes_nothing(desk: Desk, name: str) -> None:
    lost = await desk.start(READY)
    await desk.store.take_back(desk.clock.pass_(seconds=31))
    taken = await desk.claim()
    assert taken.run.id == lost.run.id
    assert taken.lease != lost.lease
    before = contents(desk)

    with pytest.raises(LeaseLost):
        await WRITES[name](desk, lost)

    assert contents(desk) == before


@pytest.mark.parametrize("name", WRITES)
async def test_an_invented_lease_is_as_good_as_none(desk: Desk, name: str) -> None:
    claimed = await desk.start(READY)
    invented = Claimed(lease=Lease(run_id=claimed.run.id, token=claimed.lease.token + 1), run=claimed.run)
    with pytest.raises(LeaseLost):
        await WRITES[name](desk, invented)


@pytest.mark.parametrize("name", WRITES)
async def test_a_lease_ends_with_its_run(desk: Desk, name: str) -> None:
    claimed = await desk.start(READY)
    await desk.finish(claimed)
    with pytest.raises(LeaseLost):
        await WRITES[name](desk, claimed)


async def test_a_call_starts_once(desk: Desk) -> None:
    claimed = await desk.start(READY)
    await desk.store.mark_started(claimed.lease, first_call(claimed.run), desk.now)
    with pytest.raises(StateConflict, match="was not ready to start"):
        await desk.store.mark_started(claimed.lease, first_call(claimed.run), desk.now)


async def test_a_lease_that_is_kept_is_not_taken_back(desk: Desk) -> None:
    claimed = await desk.start()
    for _ in range(5):
        assert await desk.store.renew(desk.clock.pass_(seconds=20), (claimed.lease.token, 7)) == {claimed.lease.token}
        await desk.store.take_back(desk.now)
    assert desk.run(claimed.run).status is RunStatus.RUNNING


async def test_renewing_tells_which_leases_are_gone(desk: Desk) -> None:
    gone, held = await desk.start(), await desk.start()
    await desk.finish(gone)
    assert await desk.store.renew(desk.now, (gone.lease.token, held.lease.token)) == {held.lease.token}


async def test_a_lease_that_runs_out_frees_the_run_and_counts_an_attempt(desk: Desk) -> None:
    claimed = await desk.start(READY)
    await desk.store.take_back(desk.clock.pass_(seconds=29))
    assert desk.run(claimed.run).status is RunStatus.RUNNING

    await desk.store.take_back(desk.clock.pass_(seconds=1))

    run = desk.run(claimed.run)
    assert (run.status, run.attempts) == (RunStatus.QUEUED, 1)
    assert (await desk.claim()).run.steps == claimed.run.steps


async def test_dropping_counts_an_attempt_and_releasing_does_not(desk: Desk) -> None:
    claimed = await desk.start()
    await desk.store.release(claimed.lease, desk.now)
    assert desk.run(claimed.run).attempts == 0
    await desk.store.drop((await desk.claim()).lease, desk.now)
    assert desk.run(claimed.run).attempts == 1


async def test_a_run_that_waits_for_its_model_is_not_claimed_before_its_time(desk: Desk) -> None:
    claimed = await desk.start()
    later = desk.now + timedelta(seconds=5)
    await desk.store.release(claimed.lease, desk.now, not_before=later, model_away_since=desk.now)

    assert await desk.store.claim(later - timedelta(microseconds=1), platforms=EVERYWHERE, limit=1) == []
    (again,) = await desk.store.claim(later, platforms=EVERYWHERE, limit=1)

    assert again.run.model_away_since == desk.now
    run = await desk.store.record_step(again.lease, later, text="", calls=(), facts=())
    assert run.model_away_since is None


async def test_a_shutdown_does_not_start_the_patience_with_an_absent_model_anew(desk: Desk) -> None:
    claimed, away_since = await desk.start(), desk.now
    later = desk.now + timedelta(seconds=5)
    await desk.store.release(claimed.lease, desk.now, not_before=later, model_away_since=away_since)
    (tried,) = await desk.store.claim(later, platforms=EVERYWHERE, limit=1)

    await desk.store.release(tried.lease, later)

    (again,) = await desk.store.claim(later, platforms=EVERYWHERE, limit=1)
    assert again.run.model_away_since == away_since


async def exhaust(desk: Desk, claimed: Claimed, attempts: int) -> None:
    await desk.store.drop(claimed.lease, desk.now)
    for _ in range(attempts - 1):
        await desk.store.drop((await desk.claim()).lease, desk.now)


async def test_a_run_that_fails_again_and_again_ends_and_says_so(path: Path) -> None:
    async with open_desk(path, max_attempts=3) as desk:
        claimed = await desk.start(asks(), asks())
        await desk.deliver()
        await exhaust(desk, claimed, 3)

        run = desk.run(claimed.run)
        assert (run.status, run.attempts) == (RunStatus.FAILED, 3)
        assert "interrupted 3 times" in run.failure
        assert "do not know whether" not in run.failure
        assert [each.status for each in desk.approvals_of(run)] == [ApprovalStatus.WITHDRAWN] * 2
        told = [delivery for delivery in await desk.deliver() if delivery.kind != "card_update"]
        assert [delivery.kind for delivery in told] == ["answer"]
        assert f"run {run.id}" in told[0].body["markdown"]
        assert desk.breaks() == []


@pytest.mark.promise(32)
@pytest.mark.parametrize(
    ("effect", "state", "named"),
    [(Effect.EXTERNAL, CallState.OUTCOME_UNKNOWN, True), (Effect.IDEMPOTENT, CallState.STARTED, False)],
)
async def test_an_exhausted_run_names_the_call_whose_outcome_is_unknown(
    path: Path, effect: Effect, state: CallState, named: bool
) -> None:
    async with open_desk(path, max_attempts=1) as desk:
        claimed = await desk.start(READY, effect=effect)
        await desk.store.mark_started(claimed.lease, first_call(claimed.run), desk.now)
        await exhaust(desk, claimed, 1)

        run = desk.run(claimed.run)
        assert run.status is RunStatus.FAILED
        assert ("shell had been started" in run.failure) is named
        assert desk.states_of(run) == [state]


async def test_what_was_half_said_of_an_exhausted_run_is_replaced_by_its_last_words(path: Path) -> None:
    async with open_desk(path, max_attempts=1) as desk:
        claimed = await desk.start()
        opened = await desk.store.open_answer(claimed.lease, desk.now)
        half = MessageRef(where=claimed.run.where, id="half")
        await desk.store.record_answer_posted(opened.delivery, half)
        await exhaust(desk, claimed, 1)

        (words,) = await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=9)
        assert (words.id, words.sent) == (opened.delivery, (half,))
        assert "given up" in words.body["markdown"]


@pytest.mark.promise(31)
async def test_what_a_killed_process_held_is_taken_back_at_once(path: Path) -> None:
    async with open_desk(path) as desk:
        claimed = await desk.start(READY)
        await desk.store.release(claimed.lease, desk.now)
        await desk.store.owe_notice(claimed.run.where, direct=False, to=ALICE, markdown="hello", at=desk.now)

        with child("hold_a_run", path) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == f"{claimed.run.id} 1\n"
            await desk.store.take_back(desk.now)
            assert desk.run(claimed.run).status is RunStatus.RUNNING, "its worker lives"
            holder.kill()
        await desk.store.take_back(desk.now)

        run = desk.run(claimed.run)
        assert (run.status, run.attempts) == (RunStatus.QUEUED, 1)
        assert desk.states_of(run) == [CallState.STARTED]
        (notice,) = await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=9)
        assert notice.tried_before
        assert [lock.name for lock in locks_of(path)] == [f"worker-{desk.store.worker_id}"]


def locks_of(path: Path) -> list[Path]:
    return sorted(path.with_name(path.name + "-workers").iterdir())


async def test_a_process_that_leaves_by_itself_leaves_no_lock(path: Path) -> None:
    async with open_desk(path):
        assert len(locks_of(path)) == 1
    assert locks_of(path) == []


async def test_a_worker_that_fell_silent_counts_as_gone_also_without_a_lock(path: Path) -> None:
    async with open_desk(path) as silent, open_desk(path) as desk:
        claimed = await silent.start()
        await silent.store.owe_notice(claimed.run.where, direct=False, to=ALICE, markdown="hello", at=desk.now)
        await silent.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=1)
        await silent.store.renew(desk.now, (claimed.lease.token,))

        await desk.store.take_back(desk.clock.pass_(seconds=59))
        assert await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=1) == []
        await desk.store.take_back(desk.clock.pass_(seconds=2))

        (notice,) = await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=1)
        assert notice.tried_before


async def test_stopping_a_run_that_is_worked_on_is_a_request_to_its_worker(desk: Desk) -> None:
    claimed = await desk.start(READY)

    assert await desk.store.cancel(claimed.run.id, desk.now, by=ALICE) is RunStatus.RUNNING

    run = desk.run(claimed.run)
    assert (run.status, run.cancel_requested, run.cancelled_by) == (RunStatus.RUNNING, True, str(ALICE))
    await desk.finish(claimed, Ending.CANCELLED)
    assert desk.run(run).status is RunStatus.CANCELLED
    assert desk.events_of(run)[-1] == "run_cancelled"


async def test_a_request_to_stop_outlives_its_worker(desk: Desk) -> None:
    claimed = await desk.start(READY)
    await desk.store.cancel(claimed.run.id, desk.now, by=ALICE)
    await desk.store.take_back(desk.clock.pass_(seconds=31))
    assert (await desk.claim()).run.cancel_requested
