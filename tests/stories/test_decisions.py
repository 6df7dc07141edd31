"""Promises 1 and 2 on Slack: a decision is committed whatever Slack does meanwhile, and shown when it can be."""

import asyncio
import sqlite3

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.stories.plots import RUN
from tests.stories.shell import mallard
from tests.stories.world import World


@pytest.mark.promise(1)
async def test_while_nothing_can_be_committed_a_click_is_acknowledged_and_its_card_says_nothing(world: World) -> None:
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
