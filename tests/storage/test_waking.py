"""A decision wakes its run: what it makes ready, who claims it in the same commit, and when it waits its turn."""

from runtime.records import ApprovalId
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.storage.desk import EVERYWHERE, Desk, asks, first_call, proposal, says


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
    await desk.store.suspend(settled.claimed.lease, desk.now)  # the lease holds


async def test_a_call_that_a_yes_makes_ready_is_started_for_whoever_claims_it_in_the_same_commit(desk: Desk) -> None:
    run = await desk.suspend(asks())
    before = desk.store.database.commits

    settled = await desk.store.settle(ApprovalId(1), says(), grant=None, claim=True)

    assert settled.claimed is not None
    assert settled.claimed.begun == first_call(run).id
    assert settled.claimed.run == desk.run(run)
    assert desk.states_of(run) == [CallState.STARTED]
    assert desk.events_of(run)[-1] == "tool_call_started"
    assert desk.store.database.commits == before + 1


async def test_a_call_whose_target_is_to_be_looked_at_first_is_left_ready(desk: Desk) -> None:
    claimed = await desk.start()
    asked = proposal(asks(), target="sha256 of a file")
    run = await desk.store.record_step(claimed.lease, claimed.run, desk.now, text="", calls=(asked,), facts=())

    settled = await desk.store.settle(ApprovalId(1), says(), grant=None, claim=True)

    assert settled.claimed is not None
    assert settled.claimed.begun is None
    assert desk.states_of(run) == [CallState.READY]


async def test_what_is_not_claimed_with_the_decision_is_not_started_by_it(desk: Desk) -> None:
    run = await desk.suspend(asks())
    await desk.settle(1)
    assert desk.states_of(run) == [CallState.READY]


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
