"""Promises 5, 11 and 20: every click is answered, to whoever clicked, with one message and in time."""

import pytest

from runtime.states import ApprovalStatus
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import Card, Crowd, OpenScene, Scene

NO_TOKENS = {"terminal": "a key carries no token: it names a card that this very process put on the screen"}


@pytest.fixture
async def card(scene: Scene) -> Card:
    return await asked(scene)


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
async def test_a_click_that_decides_is_answered_with_one_message(scene: Scene, card: Card) -> None:
    await scene.clicks(card, "Approve")

    await scene.is_told(scene.approver, f"Approved by {scene.approver.name}")
    await scene.hears("Done.")
    await scene.closed(card, saying=f"Approved by {scene.approver.name}")
    assert scene.late_clicks() == []
    assert len(scene.told(scene.approver)) == 1
    assert card.text.count("Approved by") == 1
    assert scene.answers() == ["Done."]
    assert scene.copies(1) == 1


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
@pytest.mark.parametrize("label", ["Approve", "Always allow", "Deny", "Change…"])
async def test_a_late_click_is_told_what_was_decided_and_by_whom(scene: Scene, card: Card, label: str) -> None:
    await scene.clicks(card, "Approve")
    await scene.hears("Done.")

    await scene.clicks(card, label)

    await scene.is_told(scene.approver, f"This was settled before you: Approved by {scene.approver.name}")
    await scene.closed(card, saying=f"Approved by {scene.approver.name}")
    assert scene.late_clicks() == []
    assert len(scene.told(scene.approver)) == 2
    assert scene.answers() == ["Done."]
    assert scene.copies(1) == 1
    assert scene.lines() == ["ran"]


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
async def test_a_double_click_is_two_answers_and_one_decision(scene: Scene, card: Card) -> None:
    await scene.clicks(card, "Approve")
    await scene.clicks(card, "Approve")

    await scene.seen(lambda: len(scene.told(scene.approver)) == 2)
    assert await scene.answer() == "Done."
    assert sorted(words.startswith("This was settled") for words in scene.told(scene.approver)) == [False, True]
    assert len(scene.events_of("approval_decided")) == 1
    assert scene.lines() == ["ran"]


@pytest.mark.promise(5)
async def test_a_click_after_the_time_is_over_is_told_so(scene: Scene, card: Card) -> None:
    scene.clock.advance(73 * 3600)  # and nobody has looked at the clock yet

    await scene.clicks(card, "Approve")

    await scene.is_told(scene.approver, "Expired: nobody decided in time")
    assert scene.late_clicks() == []
    assert scene.approval().status is ApprovalStatus.EXPIRED
    assert scene.lines() == []


@pytest.mark.promise(5)
@pytest.mark.mistake(11)
async def test_a_click_that_is_not_allowed_is_told_who_may(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_ASK_HIGH="other_approver") as scene:
        card = await asked(scene)

        await scene.clicks(card, "Approve", by=scene.asker)

        words = f"Only an approver other than the requester can decide this; you are {scene.asker.ref}"
        await scene.is_told(scene.asker, words)
        assert scene.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(5)
async def test_a_number_that_is_none_is_answered(scene: Scene, card: Card) -> None:
    await scene.says("approve 99", by=scene.approver)

    await scene.hears("There is no approval 99")
    assert scene.approval().status is ApprovalStatus.PENDING
    assert scene.runs() == 1


@pytest.mark.promise(5, not_on=NO_TOKENS)
@pytest.mark.mistake(13)
@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("{house}.99.approve", "There is no approval 99"),
        ("{house}.1.explode", "I do not know this button"),
        ("approve everything", "I do not know this button"),
        ("{house}.1.mark_done", "does not ask that"),
    ],
)
async def test_an_unknown_button_is_answered_and_decides_nothing(
    scene: Crowd, card: Card, token: str, words: str
) -> None:
    await scene.clicks_forged(card, "Approve", token.format(house=scene.store.installation))

    await scene.is_told(scene.approver, words)
    assert scene.late_clicks() == []
    assert len(scene.told(scene.approver)) == 1
    assert scene.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(20, not_on=NO_TOKENS)
@pytest.mark.parametrize("label", ["Approve", "Deny", "Change…", "Show everything"])
async def test_a_card_of_another_installation_is_refused_clearly(scene: Crowd, card: Card, label: str) -> None:
    verb = {"Approve": "approve", "Deny": "deny", "Change…": "change", "Show everything": "show"}[label]

    await scene.clicks_forged(card, label, f"0123abcd.1.{verb}")

    await scene.is_told(scene.approver, "may see" if verb == "show" else "another installation")
    assert scene.approval().status is ApprovalStatus.PENDING
