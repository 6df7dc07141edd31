"""Leases: who has lost a run writes nothing of it any more."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from runtime.errors import LeaseLost, StateConflict
from runtime.pauses import LONGEST_ABSENCE
from runtime.proposals import Claimed, Ending
from runtime.record_ports import Progress
from runtime.records import Lease, Requirement
from runtime.states import RunStatus
from tests.storage.desk import ALICE, DONE, EVERYWHERE, READY, Desk, asks, first_call, proposal

LEASE = timedelta(seconds=30)

Write = Callable[[Desk, Claimed], Awaitable[object]]

# Every write of a worker that takes the lease, by its name in the port.
WRITES: dict[str, Write] = {
    "drop": lambda d, c: d.store.drop(c.lease, d.now, may_have_run=frozenset()),
    "release": lambda d, c: d.store.release(c.lease, d.now, may_have_run=frozenset()),
    "record_attachments": lambda d, c: d.store.record_attachments(c.lease, ()),
    "record_step": lambda d, c: d.store.record_step(c.lease, c.run, d.now, text="", calls=(proposal(),), facts=()),
    "mark_started": lambda d, c: d.store.mark_started(c.lease, first_call(c.run), d.now),
    "record_unknown_outcome": lambda d, c: d.store.record_unknown_outcome(
        c.lease, first_call(c.run), Requirement.APPROVERS, d.now, why="", facts=()
    ),
    "record_stale": lambda d, c: d.store.record_stale(
        c.lease, first_call(c.run), d.now, requirement=Requirement.APPROVERS, expires_at=None, preview="", target=""
    ),
    "suspend": lambda d, c: d.store.suspend(c.lease, d.now),
    "open_answer": lambda d, c: d.store.open_answer(c.lease, d.now),
    "finish": lambda d, c: d.store.finish(
        c.lease, c.run, d.now, ending=Ending.ANSWERED, text="", facts=(), streamed=False
    ),
}  # fmt: skip
# Those that nobody waits for: whoever builds on them is told with the next write.
LEFT: dict[str, Write] = {
    "record_step": lambda d, c: d.store.record_step(c.lease, c.run, d.now, text="", calls=(), facts=()),
    "record_observation": lambda d, c: d.store.record_observation(c.lease, c.run, first_call(c.run), DONE, d.now),
}
# These take no lease: they claim, keep or free leases themselves, or name a delivery and not a run.
WITHOUT_LEASE = {"claim", "renew", "take_back", "record_answer_posted"}


def test_every_write_of_a_worker_is_listed_here() -> None:
    names = {name for name in vars(Progress) if not name.startswith("_")}
    assert names == set(WRITES) | set(LEFT) | WITHOUT_LEASE


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


async def next_write(desk: Desk, lease: Lease) -> None:
    """A write that by itself could be made by anybody."""
    await desk.store.database.write(lambda tx: None, owner=lease.token)


@pytest.mark.parametrize("name", LEFT)
async def test_whoever_has_lost_the_lease_is_told_with_the_next_write_what_was_not_written(
    desk: Desk, name: str
) -> None:
    lost = await desk.start(READY)
    await desk.store.take_back(desk.clock.pass_(seconds=31))
    taken = await desk.claim()
    before = contents(desk)

    await LEFT[name](desk, lost)
    with pytest.raises(LeaseLost):
        await next_write(desk, lost.lease)

    assert contents(desk) == before
    await next_write(desk, taken.lease)


@pytest.mark.parametrize("name", WRITES)
async def test_an_invented_lease_is_as_good_as_none(desk: Desk, name: str) -> None:
    claimed = await desk.start(READY)
    invented = Claimed(lease=Lease(run_id=claimed.run.id, token=claimed.lease.token + 1), run=claimed.run)
    with pytest.raises(LeaseLost):
        await WRITES[name](desk, invented)


@pytest.mark.parametrize("name", LEFT)
async def test_an_invented_lease_writes_nothing_either_where_nobody_waits_for_it(desk: Desk, name: str) -> None:
    claimed = await desk.start(READY)
    invented = Lease(run_id=claimed.run.id, token=claimed.lease.token + 1)
    before = contents(desk)

    await LEFT[name](desk, Claimed(lease=invented, run=claimed.run))
    with pytest.raises(LeaseLost):
        await next_write(desk, invented)

    assert contents(desk) == before


@pytest.mark.parametrize("name", WRITES)
async def test_a_lease_ends_with_its_run(desk: Desk, name: str) -> None:
    claimed = await desk.start(READY)
    await desk.finish(claimed)
    with pytest.raises(LeaseLost):
        await WRITES[name](desk, claimed)


@pytest.mark.parametrize("name", LEFT)
async def test_nothing_is_added_to_a_run_that_has_ended(desk: Desk, name: str) -> None:
    claimed = await desk.start(READY)
    await desk.finish(claimed)
    before = contents(desk)

    await LEFT[name](desk, claimed)
    with pytest.raises(LeaseLost):
        await next_write(desk, claimed.lease)

    assert contents(desk) == before


async def test_a_call_starts_once(desk: Desk) -> None:
    await desk.suspend(asks())
    await desk.settle(1)
    claimed = await desk.claim()
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
    await desk.store.release(claimed.lease, desk.now, may_have_run=frozenset())
    assert desk.run(claimed.run).attempts == 0
    await desk.store.drop((await desk.claim()).lease, desk.now, may_have_run=frozenset())
    assert desk.run(claimed.run).attempts == 1


async def test_a_run_that_waits_for_its_model_is_not_claimed_before_its_time(desk: Desk) -> None:
    claimed = await desk.start()
    later = desk.now + timedelta(seconds=5)
    await desk.store.release(
        claimed.lease, desk.now, may_have_run=frozenset(), not_before=later, model_away_since=desk.now
    )

    assert await desk.store.claim(later - timedelta(microseconds=1), platforms=EVERYWHERE, limit=1) == []
    (again,) = await desk.store.claim(later, platforms=EVERYWHERE, limit=1)

    assert again.run.model_away_since == desk.now
    run = await desk.store.record_step(again.lease, again.run, later, text="", calls=(), facts=())
    assert run.model_away_since is None


async def test_a_clock_that_is_set_back_holds_no_run(desk: Desk) -> None:
    claimed = await desk.start()
    await desk.store.release(claimed.lease, desk.now, may_have_run=frozenset(), not_before=desk.now + LONGEST_ABSENCE)
    assert await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=1) == []

    (again,) = await desk.store.claim(desk.clock.pass_(hours=-2), platforms=EVERYWHERE, limit=1)

    assert again.run.id == claimed.run.id


async def test_a_shutdown_does_not_start_the_patience_with_an_absent_model_anew(desk: Desk) -> None:
    claimed, away_since = await desk.start(), desk.now
    later = desk.now + timedelta(seconds=5)
    await desk.store.release(
        claimed.lease, desk.now, not_before=later, model_away_since=away_since, may_have_run=frozenset()
    )
    (tried,) = await desk.store.claim(later, platforms=EVERYWHERE, limit=1)

    await desk.store.release(tried.lease, later, may_have_run=frozenset())

    (again,) = await desk.store.claim(later, platforms=EVERYWHERE, limit=1)
    assert again.run.model_away_since == away_since


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
