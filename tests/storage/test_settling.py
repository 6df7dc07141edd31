"""Settling: one decision stands, whoever makes it, from wherever, however many at once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.facts import EventType, Fact
from runtime.records import ApprovalId, DeniedBy, Grant, GrantId, GrantScope, Requirement, RunId, Verdict
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.storage.desk import (
    ALICE,
    BOB,
    DAWN,
    DONE,
    EVERYWHERE,
    READY,
    Desk,
    asks,
    first_call,
    open_desk,
    says,
    thread,
)
from tests.storage.strain import child, race

SOON = DAWN + timedelta(minutes=10)


@pytest.mark.promise(22)
async def test_of_a_thousand_racing_decisions_one_stands_and_all_others_are_told_which(desk: Desk) -> None:
    run = await desk.suspend(asks())
    verdicts = (Verdict.APPROVE, Verdict.DENY, Verdict.CHANGE)

    settled = await asyncio.gather(*(desk.settle(1, verdicts[n % 3], comment=f"click {n}") for n in range(1_000)))

    assert sum(each.won for each in settled) == 1
    assert len({each.approval for each in settled}) == 1
    standing = settled[0].approval.decision
    assert standing is not None
    assert standing.comment == "click 0"
    assert desk.events_of(run).count("approval_decided") == 1
    assert desk.events_of(run).count("run_continued") == 1
    assert desk.store.database.read_rows("SELECT count(*) FROM decisions") == [(1,)]


@pytest.mark.promise(22)
@pytest.mark.promise(34)
async def test_of_decisions_from_two_processes_one_stands(path: Path) -> None:
    async with open_desk(path) as desk:
        run = await desk.suspend(asks())
        said = race([child("settle_in_a_race", path) for _ in range(2)])

        assert sum(int(words.split()[0]) for words in said) == 1
        assert [words.split()[1:] for words in said] == [["500", "1"]] * 2
        assert desk.events_of(run).count("approval_decided") == 1
        assert desk.breaks() == []


async def test_a_yes_wakes_the_run_and_makes_its_call_ready(desk: Desk) -> None:
    run = await desk.suspend(asks())

    settled = await desk.settle(1, comment="go on")

    assert settled.won
    assert settled.approval.status is ApprovalStatus.APPROVED
    assert settled.approval.decision == says(comment="go on")
    assert desk.run(run).status is RunStatus.QUEUED
    assert desk.states_of(run) == [CallState.READY]


async def test_a_settled_run_is_claimed_in_the_same_commit_where_its_conversation_is_free(desk: Desk) -> None:
    await desk.suspend(asks())
    before = desk.store.database.commits

    settled = await desk.store.settle(ApprovalId(1), says(), grant=None, claim=True)

    assert settled.claimed is not None
    assert settled.claimed.run.status is RunStatus.RUNNING
    assert desk.store.database.commits == before + 1
    await desk.store.mark_started(settled.claimed.lease, first_call(settled.claimed.run), desk.now)


async def test_a_settled_run_waits_its_turn_where_another_runs(desk: Desk) -> None:
    run = await desk.suspend(asks())
    await desk.receive("later", where=run.where)
    busy = await desk.claim()

    settled = await desk.store.settle(ApprovalId(1), says(), grant=None, claim=True)

    assert settled.claimed is None
    assert desk.run(run).status is RunStatus.QUEUED
    assert await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=9) == []
    await desk.finish(busy)
    assert (await desk.claim()).run.id == run.id


async def test_a_no_is_kept_with_who_said_it_and_why(desk: Desk) -> None:
    run = await desk.suspend(asks())

    await desk.settle(1, Verdict.DENY, comment="too risky")

    call = first_call(desk.run(run))
    assert call.state is CallState.DENIED
    assert call.denial is not None
    assert (call.denial.by, call.denial.reason, call.denial.who) == (DeniedBy.PERSON, "too risky", "Ubob")


@pytest.mark.promise(3)
async def test_each_of_several_approvals_resolves_alone_in_whatever_order(desk: Desk) -> None:
    run = await desk.suspend(asks(), asks(), asks())
    ids = [approval.id for approval in desk.approvals_of(run)]

    await desk.settle(ids[2])
    assert desk.run(run).status is RunStatus.WAITING
    await desk.settle(ids[1], Verdict.DENY)
    assert desk.run(run).status is RunStatus.WAITING
    assert [approval.status.value for approval in desk.approvals_of(run)] == ["pending", "denied", "approved"]
    await desk.settle(ids[0])

    assert desk.run(run).status is RunStatus.QUEUED
    assert desk.states_of(run) == [CallState.READY, CallState.DENIED, CallState.READY]


async def test_a_no_leaves_the_siblings_to_be_decided(desk: Desk) -> None:
    run = await desk.suspend(asks(), asks())
    await desk.settle(1, Verdict.DENY)
    assert desk.approval(2).status is ApprovalStatus.PENDING
    assert desk.states_of(run)[1] is CallState.AWAITING_APPROVAL


async def test_a_wish_for_changes_withdraws_undecided_siblings_and_observes_them_as_not_run(desk: Desk) -> None:
    run = await desk.suspend(asks(), asks(), asks())
    await desk.deliver()
    await desk.settle(3)

    await desk.settle(1, Verdict.CHANGE, comment="use another folder")

    statuses = [approval.status.value for approval in desk.approvals_of(run)]
    assert statuses == ["changes_requested", "withdrawn", "approved"]
    assert desk.states_of(run) == [CallState.CHANGES_REQUESTED, CallState.OBSERVED, CallState.READY]
    sibling = desk.run(run).steps[-1].calls[1]
    assert sibling.observation is not None
    assert sibling.observation.error == "not_run"
    assert not (await desk.settle(2)).won
    updated = [delivery.approval_id for delivery in await desk.deliver() if delivery.kind == "card_update"]
    assert sorted(map(int, filter(None, updated))) == [1, 2, 3]


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.DENY, Verdict.CHANGE])
async def test_a_decision_on_a_run_that_is_queued_or_running_changes_the_call_only(
    desk: Desk, verdict: Verdict
) -> None:
    claimed = await desk.start(READY, asks(), asks())
    run = claimed.run
    await desk.settle(1, verdict)
    assert desk.run(run).status is RunStatus.RUNNING
    assert desk.states_of(run)[1] not in (CallState.AWAITING_APPROVAL, CallState.OBSERVED)

    await desk.store.release(claimed.lease, desk.now)
    await desk.settle(2, verdict)

    assert desk.run(run).status is RunStatus.QUEUED
    assert "run_continued" not in desk.events_of(run)


async def test_a_click_that_lands_while_the_run_suspends_keeps_it_running(desk: Desk) -> None:
    claimed = await desk.start(asks())
    await desk.settle(1)

    assert (await desk.store.suspend(claimed.lease, desk.now)).status is RunStatus.RUNNING
    assert "run_waiting_for_approval" not in desk.events_of(claimed.run)


async def test_a_grant_is_recorded_with_the_decision_or_not_at_all(desk: Desk) -> None:
    await desk.suspend(asks())
    grant = Grant(
        id=GrantId(0), tool="shell", digest="ab" * 32, scope=GrantScope.PERSON, subject=str(ALICE), workspace="default",
        shown="shell(make)", created_by=BOB, created_at=desk.now,
    )  # fmt: skip
    for _ in range(2):
        await desk.store.settle(ApprovalId(1), says(grant=GrantScope.PERSON), grant=grant, claim=False)

    (listed,) = await desk.store.list_grants()
    assert (listed.subject, listed.created_by, listed.digest) == (str(ALICE), BOB, "ab" * 32)


# time


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
    await desk.store.mark_started(claimed.lease, first_call(claimed.run), desk.now)
    run = desk.run(claimed.run)
    desk.clock.at = SOON
    assert await desk.store.expire_due(SOON) == 1
    assert desk.run(run).status is RunStatus.RUNNING

    await desk.store.record_observation(claimed.lease, first_call(run), DONE, desk.now)
    suspended = await desk.store.suspend(claimed.lease, desk.now)

    assert suspended.status is RunStatus.EXPIRED
    assert await desk.store.ask_again(run.id, desk.now, by=ALICE, expires_at=None)


# ends


async def test_nothing_can_be_decided_of_a_run_that_was_stopped(desk: Desk) -> None:
    run = await desk.suspend(asks(), asks())
    await desk.store.cancel(run.id, desk.now, by=ALICE)

    assert [each.status.value for each in desk.approvals_of(run)] == ["withdrawn", "withdrawn"]
    assert not (await desk.settle(1)).won
    assert desk.run(run).status is RunStatus.CANCELLED


@pytest.mark.promise(32)
@pytest.mark.parametrize(
    ("verdict", "state", "attempt", "ok"),
    [
        (Verdict.MARK_DONE, CallState.OBSERVED, 1, True),
        (Verdict.MARK_FAILED, CallState.OBSERVED, 1, False),
        (Verdict.RETRY, CallState.READY, 2, None),
    ],
)
async def test_a_person_says_what_became_of_a_call(
    desk: Desk, verdict: Verdict, state: CallState, attempt: int, ok: bool | None
) -> None:
    run = await desk.lose()

    assert (await desk.settle(1, verdict, comment="I looked")).won

    call = first_call(desk.run(run))
    assert (call.state, call.attempt) == (state, attempt)
    assert (call.observation.ok if call.observation else None) is ok
    assert desk.run(run).status is RunStatus.QUEUED
    if call.observation:
        assert "I looked" in call.observation.text
        assert call.observation.metadata == {"marked_by": str(BOB)}


async def test_an_answer_that_comes_after_the_run_expired_leaves_a_trail_that_verifies(desk: Desk) -> None:
    claimed = await desk.start(READY, asks(until=SOON))
    await desk.store.mark_started(claimed.lease, first_call(claimed.run), desk.now)
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


@pytest.mark.promise(37)
async def test_a_refused_attempt_is_recorded_whatever_the_run_does(desk: Desk) -> None:
    refusal = Fact(EventType.APPROVAL_REFUSED, {"by": "slack:T1/UMALLORY"})
    running = (await desk.start(asks())).run
    waiting = await desk.suspend(asks())
    ended = await desk.start()
    await desk.finish(ended)
    for run_id in (running.id, waiting.id, ended.run.id):
        await desk.store.record_refusal(run_id, refusal, desk.now)
        assert desk.events_of(desk.run(run_id))[-1] == "approval_refused"
    assert desk.breaks() == []


async def test_a_decision_in_one_conversation_says_nothing_in_another(desk: Desk) -> None:
    first, second = await desk.suspend(asks()), await desk.suspend(asks())
    await desk.settle(desk.approvals_of(first)[0])
    assert desk.run(second).status is RunStatus.WAITING
    assert desk.store.list_pending() == (desk.approvals_of(second)[0].id,)
    assert desk.store.list_pending(run_id=RunId(first.id)) == ()
    assert desk.run(second).where == thread(2)
