"""What lost workers leave behind: it is taken up at once, and given up where it happens too often."""

from pathlib import Path

import pytest

from runtime.proposals import Claimed
from runtime.records import Effect, MessageRef
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.storage.desk import ALICE, EVERYWHERE, READY, Desk, asks, open_desk
from tests.storage.strain import child


async def exhaust(desk: Desk, claimed: Claimed, attempts: int) -> None:
    """Its calls may have run each time."""
    calls = frozenset(call.id for step in claimed.run.steps for call in step.calls)
    await desk.store.drop(claimed.lease, desk.now, may_have_run=calls)
    for _ in range(attempts - 1):
        await desk.store.drop((await desk.claim()).lease, desk.now, may_have_run=calls)


async def test_a_run_that_fails_again_and_again_ends_and_says_so(path: Path) -> None:
    async with open_desk(path, max_attempts=3) as desk:
        claimed = await desk.start(READY, asks(), asks(), effect=Effect.IDEMPOTENT)
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
        await desk.store.release(claimed.lease, desk.now, may_have_run=frozenset())
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
