"""Promises 1, 2 and 14: one click is one decision and one resumed run, also on an old card after a restart."""

import asyncio
import sqlite3

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.stories.plots import RUN, planned
from tests.stories.shell import mallard
from tests.stories.world import World


@pytest.mark.promise(1)
async def test_a_click_yields_one_decision_and_one_resumed_run(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()

    await world.bob.clicks(card, "Approve")

    assert await world.answer() == "Done."
    assert len(world.events_of("approval_decided")) == 1
    assert len(world.events_of("run_continued")) == 1
    assert world.lines() == ["ran"]


@pytest.mark.promise(1)
async def test_the_card_says_approved_only_after_the_decision_is_committed(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    other = sqlite3.connect(world.store.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nothing can be committed from now on

    clicked = await world.bob.clicks(card, "Approve")
    await world.carol.clicks(card, "Show everything")
    await world.slack.until(lambda: world.carol.modal)

    assert clicked.acked
    assert world.approval().status is ApprovalStatus.PENDING
    assert "Approved" not in card.text
    assert world.slack.record.calls_of("chat.update", ts=card.ts) == []
    assert world.bob.ephemerals == []

    other.execute("ROLLBACK")
    other.close()
    await world.closed(card, saying="Approved by bob")
    assert world.approval().status is ApprovalStatus.APPROVED


@pytest.mark.promise(1)
async def test_a_card_that_cannot_be_updated_yet_holds_up_neither_decision_nor_run(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    update = world.slack.hold("chat.update", when=lambda call: call["ts"] == card.ts)

    await world.bob.clicks(card, "Approve")

    await update.arrived()
    assert world.approval().status is ApprovalStatus.APPROVED
    assert await world.answer() == "Done."
    assert "Approve" in card.labels
    update.release()
    await world.closed(card, saying="Approved by bob")


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_after_a_restart_a_click_on_the_old_card_resumes_the_run_once(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    old = card.snapshot()
    await world.run(1, RunStatus.WAITING)

    await world.restart()
    await world.bob.clicks(old, "Approve")

    assert await world.answer() == "Done."
    assert world.lines() == ["ran"]
    assert len(world.events_of("tool_call_started")) == 1
    await world.closed(card, saying="Approved by bob")


@pytest.mark.promise(2)
@pytest.mark.mistake(10)
@pytest.mark.mistake(13)
async def test_the_old_card_decides_nothing_a_second_time_after_a_restart(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    old = card.snapshot()
    await world.bob.clicks(card, "Approve")
    await world.answer()

    await world.restart()
    await world.bob.clicks(old, "Approve")

    await world.slack.ephemeral(world.bob, contains="settled before you: Approved by bob")
    assert world.lines() == ["ran"]
    assert len(world.events_of("approval_decided")) == 1


@pytest.mark.promise(14)
@pytest.mark.mistake(12)
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "across a restart"])
async def test_resuming_never_asks_the_model_for_the_call_again(world: World, restarts: bool) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    before = planned(world.model.requests)

    if restarts:
        await world.restart()
    await world.bob.clicks(card, "Approve")
    await world.answer()

    after = world.model.requests[before:]
    assert before == 1
    assert planned(after) == 1, "only to ask what comes after the call"
    assert any("Call 1 (shell_exec_safe) succeeded" in message.text for message in after[0].messages)


@pytest.mark.promise(2)
async def test_what_was_decided_while_it_was_down_goes_on_when_there_is_somewhere_to_say_it(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.card()
    await world.run(1, RunStatus.WAITING)
    await world.close()
    await mallard(world, "approvals", "approve", "1")
    slow = world.slack.hold("auth.test")
    said = len(world.slack.record.calls_of("chat.startStream"))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(world.open())
        await slow.arrived()
        with pytest.raises(TimeoutError):  # nothing tells of what does not happen: long enough for a worker to begin
            async with asyncio.timeout(0.3):
                await world.until(lambda: world.store.load_run(world.run_id(1)).status is not RunStatus.QUEUED)
        slow.release()

    assert await world.answer() == "Done."
    assert world.lines() == ["ran"]
    await world.slack.called("chat.startStream", times=said + 1)
