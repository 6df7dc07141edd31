"""Promises 6, 7 and 37: who may decide follows the risk, and whoever may not changes nothing and is recorded.

The whole matrix of people and risks is in `tests/stories/test_who_may_decide.py`.
"""

import pytest

from runtime.records import Risk
from runtime.states import ApprovalStatus, RunStatus
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import Crowd, OpenScene
from tests.stories.plots import RUN


@pytest.mark.promise(7)
@pytest.mark.parametrize(
    ("need", "who"), [("requester", "asker"), ("approvers", "approver"), ("other_approver", "colleague")]
)
async def test_whoever_may_decide_does(scene_with: OpenScene, need: str, who: str) -> None:
    async with scene_with(MALLARD_ASK_HIGH=need) as scene:
        card = await asked(scene)
        person = getattr(scene, who)

        await scene.clicks(card, "Approve", by=person)

        assert await scene.answer() == "Done."
        decision = scene.approval().decision
        assert decision is not None
        assert decision.by == person.ref
        assert scene.lines() == ["ran"]
        await scene.closed(card, saying=f"Approved by {person.name}")


@pytest.mark.promise(7)
@pytest.mark.promise(37)
@pytest.mark.mistake(11)
async def test_whoever_may_not_decide_changes_nothing_hears_so_alone_and_is_recorded(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_ASK_HIGH="other_approver") as scene:
        card = await asked(scene)
        before = card.text

        await scene.clicks(card, "Approve", by=scene.asker)

        await scene.is_told(scene.asker, f"can decide this; you are {scene.asker.ref}")
        assert scene.approval().status is ApprovalStatus.PENDING
        run = await scene.run()
        assert run.status is RunStatus.WAITING
        assert card.text == before
        assert scene.answers() == scene.told(scene.colleague) == []
        (refused,) = scene.events_of("approval_refused")
        assert refused.body is not None
        assert refused.body["by"] == str(scene.asker.ref)
        assert refused.body["where"] == run.where.written_channel
        assert refused.body["verdict"] == "approve"
        assert refused.body["digest"] == run.steps[0].calls[0].digest
        assert scene.lines() == []


@pytest.mark.promise(7, not_on={"terminal": "whoever sits at the machine is no stranger to it"})
@pytest.mark.mistake(11)
@pytest.mark.parametrize("verb", ["approve", "always", "deny", "change"])
async def test_a_stranger_who_types_the_number_decides_nothing_either(scene: Crowd, verb: str) -> None:
    card = await asked(scene)

    await scene.says(f"{verb} 1 please", by=scene.stranger)

    await scene.hears("I do not know you")
    assert scene.approval().status is ApprovalStatus.PENDING
    assert "Approve" in card.labels


@pytest.mark.promise(6)
async def test_where_nobody_else_could_decide_the_person_reads_the_setting_to_add(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVERS="", MALLARD_ASK_HIGH="other_approver") as scene:
        scene.model_plans(RUN, answer="I could not do that.")
        await scene.says("run it")

        answer = await scene.hears("Add somebody else to MALLARD_APPROVERS")

        assert answer.startswith("I could not do that.")
        assert f"(written like {scene.asker.ref})" in answer
        call = (await scene.run(1, RunStatus.COMPLETED)).steps[0].calls[0]
        assert call.risk is Risk.HIGH
        assert call.observation is not None
        assert "MALLARD_APPROVERS" in call.observation.text
        assert scene.find_card(1) is None
        assert scene.lines() == []


@pytest.mark.promise(6, not_on={"terminal": "whoever sits at the machine is an approver, so there always is one"})
async def test_where_nobody_could_decide_the_person_reads_the_setting_with_their_own_id(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_APPROVERS="") as scene:
        scene.model_plans(RUN, answer="I could not do that.")
        await scene.says("run it")

        answer = await scene.hears(f"MALLARD_APPROVERS={scene.asker.ref}")

        assert answer.startswith("I could not do that.")
        call = (await scene.run(1, RunStatus.COMPLETED)).steps[0].calls[0]
        assert call.risk is Risk.HIGH
        assert call.observation is not None
        assert f"MALLARD_APPROVERS={scene.asker.ref}" in call.observation.text
        assert scene.lines() == []
