"""Time: a card that nobody decides runs out, is never taken for a no, and can be asked again."""

import asyncio
from datetime import timedelta

import pytest

from runtime.records import Requirement, Verdict
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.storage.desk import (
    ALICE,
    DAWN,
    DONE,
    READY,
    Desk,
    asks,
    first_call,
)

SOON = DAWN + timedelta(minutes=10)


@pytest.mark.promise(8)
@pytest.mark.parametrize(("late", "won"), [(-1, True), (0, False), (1, False)])
async def test_the_time_is_checked_in_the_statement_that_settles(desk: Desk, late: int, won: bool) -> None:
    run = await desk.suspend(asks(until=SOON))
    desk.clock.at = SOON + timedelta(microseconds=late)

    settled = await desk.settle(1)

    assert settled.won is won
    assert settled.approval.status is (ApprovalStatus.APPROVED if won else ApprovalStatus.EXPIRED)
    assert desk.run(run).status is (RunStatus.QUEUED if won else RunStatus.EXPIRED)


async def test_a_click_and_the_expiry_at_once_leave_one_of_the_two(desk: Desk) -> None:
    runs = [await desk.suspend(asks(until=SOON)) for _ in range(20)]
    desk.clock.at = SOON

    early = SOON - timedelta(microseconds=1)
    clicks = [desk.settle(desk.approvals_of(run)[0], at=early) for run in runs]
    settled, _ = await asyncio.gather(asyncio.gather(*clicks), desk.store.expire_due(SOON))

    for run, each in zip(runs, settled, strict=True):
        assert desk.run(run).status is (RunStatus.QUEUED if each.won else RunStatus.EXPIRED)
        assert desk.approvals_of(run)[0].status is each.approval.status
    assert desk.breaks() == []


@pytest.mark.promise(8)
async def test_what_nobody_decided_is_expired_and_not_denied(desk: Desk) -> None:
    run = await desk.suspend(asks(until=SOON), asks(until=SOON + timedelta(hours=1)))
    assert desk.store.next_expiry() == SOON

    assert await desk.store.expire_due(SOON - timedelta(seconds=1)) == 0
    assert await desk.store.expire_due(SOON) == 1

    assert desk.run(run).status is RunStatus.EXPIRED
    assert [each.status.value for each in desk.approvals_of(run)] == ["expired", "withdrawn"]
    assert desk.states_of(run) == [CallState.AWAITING_APPROVAL, CallState.OBSERVED]
    assert first_call(desk.run(run)).denial is None
    assert desk.events_of(run)[-1] == "run_expired"
    assert desk.store.next_expiry() is None


@pytest.mark.promise(8)
async def test_an_approval_without_an_end_never_expires(desk: Desk) -> None:
    await desk.suspend(asks())
    assert await desk.store.expire_due(desk.clock.pass_(days=36_500)) == 0
    assert (await desk.settle(1)).won


@pytest.mark.promise(8)
async def test_asking_again_makes_new_approvals_for_the_same_stored_calls(desk: Desk) -> None:
    run = await desk.suspend(asks(Requirement.REQUESTER, until=SOON), asks(Requirement.OTHER_APPROVER, until=SOON))
    await desk.store.expire_due(SOON)
    calls = [(call.id, call.digest) for call in desk.run(run).steps[-1].calls]
    later = desk.clock.pass_(days=1) + timedelta(hours=1)

    assert await desk.store.ask_again(run.id, desk.now, by=ALICE, expires_at=later)
    assert not await desk.store.ask_again(run.id, desk.now, by=ALICE, expires_at=later)

    assert desk.run(run).status is RunStatus.WAITING
    assert [(call.id, call.digest) for call in desk.run(run).steps[-1].calls] == calls
    old, new = desk.approvals_of(run)[:2], desk.approvals_of(run)[2:]
    assert [each.status.value for each in old] == ["expired", "expired"]
    assert [(each.call_id, each.requirement, each.expires_at) for each in new] == [
        (calls[0][0], Requirement.REQUESTER, later), (calls[1][0], Requirement.OTHER_APPROVER, later),
    ]  # fmt: skip
    assert not (await desk.settle(old[0])).won
    assert (await desk.settle(new[0])).won
    assert (await desk.settle(new[1])).won
    assert desk.run(run).status is RunStatus.QUEUED


async def test_an_approval_that_runs_out_while_its_run_is_busy_expires_the_run_when_it_gets_there(desk: Desk) -> None:
    claimed = await desk.start(READY, asks(until=SOON))
    run = desk.run(claimed.run)
    desk.clock.at = SOON
    assert await desk.store.expire_due(SOON) == 1
    assert desk.run(run).status is RunStatus.RUNNING

    await desk.store.record_observation(claimed.lease, run, first_call(run), DONE, desk.now)
    suspended = await desk.store.suspend(claimed.lease, desk.now)

    assert suspended.status is RunStatus.EXPIRED
    assert await desk.store.ask_again(run.id, desk.now, by=ALICE, expires_at=None)


async def test_an_answer_that_comes_after_the_run_expired_leaves_a_trail_that_verifies(desk: Desk) -> None:
    claimed = await desk.start(READY, asks(until=SOON))
    run = desk.run(claimed.run)
    await desk.store.record_unknown_outcome(
        claimed.lease, first_call(run), Requirement.APPROVERS, desk.now, why="cut off", facts=()
    )
    await desk.store.suspend(claimed.lease, desk.now)
    desk.clock.at = SOON
    await desk.store.expire_due(SOON)
    assert desk.run(run).status is RunStatus.EXPIRED

    assert (await desk.settle(2, Verdict.MARK_DONE)).won

    assert desk.breaks() == []


@pytest.mark.promise(8)
@pytest.mark.promise(32)
async def test_a_run_whose_next_approval_ran_out_while_it_was_asked_what_happened_expires_once_that_is_answered(
    desk: Desk,
) -> None:
    claimed = await desk.start(READY, asks(until=SOON))
    run = desk.run(claimed.run)
    desk.clock.at = SOON
    await desk.store.expire_due(SOON)
    await desk.store.record_unknown_outcome(
        claimed.lease, first_call(run), Requirement.APPROVERS, desk.now, why="cut off", facts=()
    )
    await desk.store.suspend(claimed.lease, desk.now)
    assert desk.run(run).status is RunStatus.WAITING

    assert (await desk.settle(2, Verdict.MARK_DONE)).won

    assert desk.run(run).status is RunStatus.EXPIRED
    assert desk.breaks() == []
    assert await desk.store.ask_again(run.id, desk.now, by=ALICE, expires_at=None)


async def test_asking_again_lets_an_earlier_call_that_is_to_be_retried_go_first(desk: Desk) -> None:
    soon = desk.now + timedelta(minutes=1)
    claimed = await desk.start(READY, asks(until=soon))
    run = claimed.run
    await desk.store.record_unknown_outcome(
        claimed.lease, first_call(desk.run(run)), Requirement.APPROVERS, desk.now, why="cut off", facts=()
    )
    await desk.store.suspend(claimed.lease, desk.now)
    await desk.store.expire_due(desk.clock.pass_(minutes=2))
    await desk.settle(desk.approvals_of(run)[1], Verdict.RETRY)

    assert await desk.store.ask_again(run.id, desk.now, by=ALICE, expires_at=None)

    assert desk.run(run).status is RunStatus.QUEUED
    assert desk.breaks() == []
