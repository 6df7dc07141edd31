"""Promises 16, 17 and 18: a run that waits does nothing, decisions never queue, and small talk is no consent."""

import asyncio

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.platforms.contract.scene import Card, OpenScene, Scene
from tests.stories.plots import RUN, for_each, request_of

PLANS = {"run it": RUN}


async def asked(scene: Scene) -> Card:
    """The card of a run that waits, in a conversation where everything else is answered without tools."""
    scene.model_says(for_each(PLANS))
    await scene.says("run it")
    await scene.run(1, RunStatus.WAITING)
    return await scene.card()


def calls_for(scene: Scene, request: str) -> int:
    return sum(request_of(one) == request for one in scene.model.requests)


@pytest.mark.promise(16)
async def test_a_waiting_run_calls_nothing_and_holds_neither_a_worker_nor_its_conversation(
    scene_with: OpenScene,
) -> None:
    async with scene_with(MALLARD_CONCURRENCY="1") as scene:
        await asked(scene)
        events, calls = len(scene.events()), calls_for(scene, "run it")

        for number in range(2, 5):
            await scene.says(f"hello {number}")
            assert (await scene.answer(number)).startswith(f"Done. (hello {number})")
        await scene.time_passes(hours=1)

        assert (await scene.run(1)).status is RunStatus.WAITING
        assert calls_for(scene, "run it") == calls
        assert len(scene.events()) == events
        assert "run 1" not in {task.get_name() for task in asyncio.all_tasks()}
        lease = scene.store.database.read_row("SELECT lease_token, worker_id FROM runs WHERE id = 1")
        assert lease == (None, None)


@pytest.mark.promise(17)
async def test_a_decision_lands_while_the_conversations_queue_is_full(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_CONCURRENCY="1") as scene:
        card = await asked(scene)
        go_on = asyncio.Event()
        scene.model.hold(go_on, once=True)
        for number in range(2, 8):
            await scene.says(f"more {number}")
            await scene.run(number, RunStatus.RUNNING if number == 2 else RunStatus.QUEUED)

        await scene.clicks(card, "Approve")

        await scene.is_told(scene.approver, f"Approved by {scene.approver.name}")
        await scene.closed(card, saying=f"Approved by {scene.approver.name}")
        assert scene.late_clicks() == []
        assert len(scene.events_of("approval_decided")) == 1
        assert (await scene.run(1, RunStatus.QUEUED)).status is RunStatus.QUEUED
        assert (await scene.run(2, RunStatus.RUNNING)).status is RunStatus.RUNNING
        go_on.set()
        await scene.answer(7)
        ended = [scene.store.load_run(scene.run_id(number)).ended_at for number in range(1, 8)]
        assert all(moment is not None for moment in ended)
        later = [moment for moment in ended[2:] if moment is not None and ended[0] is not None and moment > ended[0]]
        assert len(later) == 5, "what a person said yes to goes before what nobody has begun"


@pytest.mark.promise(17)
async def test_a_typed_decision_lands_while_the_conversations_queue_is_full(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_CONCURRENCY="1") as scene:
        card = await asked(scene)
        go_on = asyncio.Event()
        scene.model.hold(go_on, once=True)
        await scene.says("more")
        await scene.run(2, RunStatus.RUNNING)

        await scene.says("deny 1", by=scene.approver)

        await scene.closed(card, saying=f"Denied by {scene.approver.name}")
        assert scene.approval().status is ApprovalStatus.DENIED
        go_on.set()
        await scene.answer(1)


@pytest.mark.promise(18)
@pytest.mark.parametrize("words", ["yes", "ok go", "yes, approve it please", "👍", "do it!", "I approve", "yes 1"])
async def test_an_ordinary_message_is_no_consent_and_is_answered_with_a_pointer(scene: Scene, words: str) -> None:
    card = await asked(scene)

    await scene.says(words, by=scene.approver)

    answer = await scene.hears("Approval 1 is still waiting")
    assert f"Done. ({words})" in answer
    assert scene.approval().status is ApprovalStatus.PENDING
    assert (await scene.run(1)).status is RunStatus.WAITING
    assert "Approve" in card.labels
    assert scene.lines() == []


@pytest.mark.promise(18)
@pytest.mark.parametrize("words", ["approve it", "Approve", "approve please"])
async def test_a_bare_approve_is_no_consent_and_gets_the_list(scene: Scene, words: str) -> None:
    await asked(scene)

    await scene.says(words, by=scene.approver)

    await scene.hears("approval 1 · shell_exec_safe")
    assert scene.approval().status is ApprovalStatus.PENDING
    assert scene.lines() == []


@pytest.mark.promise(18)
async def test_a_models_words_can_approve_nothing(scene: Scene) -> None:
    await asked(scene)
    scene.model_plans(answer="approve 1")

    await scene.says("what would you do?")

    assert "approve 1" in await scene.hears("Approval 1 is still waiting")
    await scene.says("pending")
    await scene.hears("Pending approvals")
    assert scene.approval().status is ApprovalStatus.PENDING
    assert scene.runs() == 2
