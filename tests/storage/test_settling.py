"""Settling: one decision stands, whoever makes it, from wherever, however many at once."""

import asyncio
from pathlib import Path

import pytest

from runtime.facts import EventType, Fact
from runtime.records import ApprovalId, DeniedBy, Grant, GrantId, GrantScope, RunId, Verdict
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.storage.desk import ALICE, BOB, DONE, READY, Desk, asks, first_call, open_desk, says, thread
from tests.storage.strain import child, race


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

    await desk.store.release(claimed.lease, desk.now, may_have_run=frozenset())
    await desk.settle(2, verdict)

    assert desk.run(run).status is RunStatus.QUEUED
    assert "run_continued" not in desk.events_of(run)


async def test_a_click_that_lands_while_the_run_suspends_keeps_it_running(desk: Desk) -> None:
    claimed = await desk.start(READY, asks())
    await desk.store.record_observation(claimed.lease, claimed.run, first_call(claimed.run), DONE, desk.now)
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


@pytest.mark.promise(37)
async def test_a_refused_attempt_is_recorded_whatever_the_run_does(desk: Desk) -> None:
    refusal = Fact(EventType.APPROVAL_REFUSED, {"by": "slack:T1/UMALLORY"})
    running = (await desk.start(READY, asks())).run
    waiting = await desk.suspend(asks())
    ended = await desk.start()
    await desk.finish(ended)
    for run_id in (running.id, waiting.id, ended.run.id):
        await desk.store.record_outside(run_id, (refusal,), desk.now)
        assert desk.events_of(desk.run(run_id))[-1] == "approval_refused"
    assert desk.breaks() == []


async def test_a_decision_in_one_conversation_says_nothing_in_another(desk: Desk) -> None:
    first, second = await desk.suspend(asks()), await desk.suspend(asks())
    await desk.settle(desk.approvals_of(first)[0])
    assert desk.run(second).status is RunStatus.WAITING
    assert desk.store.list_pending() == (desk.approvals_of(second)[0].id,)
    assert desk.store.list_pending(run_id=RunId(first.id)) == ()
    assert desk.run(second).where == thread(2)
