"""Promises 1, 2, 14, 22 and 37: one click is one decision and one resumed run, also on an old card after a restart."""

import asyncio
import sqlite3

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import OpenScene, Scene
from tests.stories.plots import planned


@pytest.mark.promise(1)
async def test_a_click_yields_one_decision_and_one_resumed_run(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "Approve")

    assert await scene.answer() == "Done."
    assert len(scene.events_of("approval_decided")) == 1
    assert len(scene.events_of("run_continued")) == 1
    assert scene.lines() == ["ran"]


@pytest.mark.promise(1)
async def test_nobody_reads_approved_before_the_decision_is_committed(scene: Scene) -> None:
    card = await asked(scene)
    other = sqlite3.connect(scene.store.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nothing can be committed from now on

    clicking = asyncio.create_task(scene.clicks(card, "Approve"))
    with pytest.raises(TimeoutError):  # nothing tells of what does not happen
        async with asyncio.timeout(0.3):
            await scene.seen(lambda: "Approved" in card.text or scene.told(scene.approver))
    assert scene.approval().status is ApprovalStatus.PENDING

    other.execute("ROLLBACK")
    other.close()
    await clicking
    await scene.closed(card, saying=f"Approved by {scene.approver.name}")
    assert scene.approval().status is ApprovalStatus.APPROVED


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_after_a_restart_a_click_on_the_old_card_resumes_the_run_once(scene: Scene) -> None:
    card = await asked(scene)

    await scene.restart()
    await scene.clicks(card, "Approve")

    assert await scene.answer() == "Done."
    assert scene.lines() == ["ran"]
    assert len(scene.events_of("tool_call_started")) == 1
    await scene.closed(card, saying=f"Approved by {scene.approver.name}")


@pytest.mark.promise(2)
@pytest.mark.mistake(10)
@pytest.mark.mistake(13)
async def test_the_old_card_decides_nothing_a_second_time_after_a_restart(scene: Scene) -> None:
    card = await asked(scene)
    await scene.clicks(card, "Approve")
    await scene.answer()

    await scene.restart()
    await scene.clicks(card, "Approve")

    await scene.is_told(scene.approver, f"settled before you: Approved by {scene.approver.name}")
    assert scene.lines() == ["ran"]
    assert len(scene.events_of("approval_decided")) == 1


@pytest.mark.promise(14)
@pytest.mark.mistake(12)
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "across a restart"])
async def test_resuming_never_asks_the_model_for_the_call_again(scene: Scene, restarts: bool) -> None:
    card = await asked(scene)
    before = planned(scene.model.requests)

    if restarts:
        await scene.restart()
    await scene.clicks(card, "Approve")
    await scene.answer()

    after = scene.model.requests[before:]
    assert before == 1
    assert planned(after) == 1, "only to ask what comes after the call"
    assert any("Call 1 (shell_exec_safe) succeeded" in message.text for message in after[0].messages)


@pytest.mark.promise(22)
async def test_of_two_people_who_decide_at_once_one_decides_and_the_other_is_told(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_ASK_HIGH="requester") as scene:
        card = await asked(scene)
        people = (scene.asker, scene.colleague)

        await asyncio.gather(*(scene.clicks(card, "Approve", by=person) for person in people))

        await scene.seen(lambda: all(scene.told(person) for person in people))
        told = sorted(words for person in people for words in scene.told(person))
        decision = scene.approval().decision
        assert decision is not None
        winner = next(person.name for person in people if person.ref == decision.by)
        assert len(told) == 2
        assert told[0].startswith(f"Approved by {winner}")
        assert told[1].startswith(f"This was settled before you: Approved by {winner}")
        assert await scene.answer() == "Done."
        assert scene.lines() == ["ran"]
        assert len(scene.events_of("approval_decided")) == 1


@pytest.mark.promise(37)
async def test_a_decision_is_an_event_that_says_who_where_when_and_what(scene: Scene) -> None:
    card = await asked(scene)

    await scene.clicks(card, "Deny", words="not on a Friday")

    run = await scene.run(1, RunStatus.COMPLETED)
    (decided,) = scene.events_of("approval_decided")
    assert decided.body is not None
    assert decided.body["by"] == str(scene.approver.ref)
    assert decided.body["where"] == run.where.written_channel
    assert (decided.body["verdict"], decided.body["comment"]) == ("deny", "not on a Friday")
    assert decided.body["digest"] == run.steps[0].calls[0].digest
    assert run.created_at <= decided.at <= scene.clock.now()
