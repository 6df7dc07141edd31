"""Promises 3 and 4: several cards at once, decided in any order, and calls that run in the order asked."""

from itertools import permutations

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import directive
from tests.platforms.contract.scene import Card, Scene
from tests.stories.plots import for_each, notes

ORDERS = list(permutations((1, 2, 3)))
WORDS = {1: "one", 2: "two", 3: "three"}


async def three_calls(scene: Scene) -> dict[int, Card]:
    """The cards of three calls of one step."""
    scene.model_plans(directive(*map(notes, WORDS.values())))
    await scene.says("do three things")
    return {number: await scene.card(number) for number in WORDS}


async def three_runs(scene: Scene) -> dict[int, Card]:
    """The cards of three runs of one conversation, all of which wait."""
    scene.model_says(for_each({word: directive(notes(word)) for word in WORDS.values()}))
    for number, word in WORDS.items():
        await scene.says(word)
        await scene.run(number, RunStatus.WAITING)
    return {number: await scene.card(number) for number in WORDS}


@pytest.mark.promise(3)
@pytest.mark.promise(4)
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_calls_of_one_step_run_in_the_order_asked_whatever_the_order_of_the_clicks(
    scene: Scene, order: tuple[int, ...]
) -> None:
    cards = await three_calls(scene)

    for clicked, number in enumerate(order, start=1):
        await scene.clicks(cards[number], "Approve")
        await scene.closed(cards[number], saying=f"Approved by {scene.approver.name}")
        still = [one for one in order[clicked:] if scene.approval(one).status is ApprovalStatus.PENDING]
        assert still == list(order[clicked:]), "each resolves itself alone"
        assert all("Approve" in cards[one].labels for one in still)

    assert await scene.answer() == "Done."
    assert scene.lines() == ["one", "two", "three"]
    assert len(scene.events_of("approval_decided")) == 3


@pytest.mark.promise(3)
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_cards_of_several_runs_in_one_conversation_resolve_each_alone(
    scene: Scene, order: tuple[int, ...]
) -> None:
    cards = await three_runs(scene)

    for clicked, number in enumerate(order, start=1):
        await scene.clicks(cards[number], "Approve")
        await scene.run(number, RunStatus.COMPLETED)
        waiting = [one for one in order if scene.store.load_run(scene.run_id(one)).status is RunStatus.WAITING]
        assert sorted(waiting) == sorted(order[clicked:])

    assert scene.lines() == [WORDS[number] for number in order]


@pytest.mark.promise(3)
async def test_one_conversation_can_hold_a_yes_a_no_and_a_card_that_waits(scene: Scene) -> None:
    cards = await three_runs(scene)

    await scene.clicks(cards[3], "Deny")
    await scene.clicks(cards[1], "Approve")

    assert (await scene.run(1, RunStatus.COMPLETED)).steps[0].calls[0].denial is None
    assert (await scene.run(3, RunStatus.COMPLETED)).steps[0].calls[0].denial is not None
    assert (await scene.run(2)).status is RunStatus.WAITING
    assert scene.lines() == ["one"]
    assert "Approve" in cards[2].labels


@pytest.mark.promise(3)
@pytest.mark.parametrize("words", ["approve", "Approve!", "approve it", "approve all", "deny", "always"])
async def test_a_text_without_a_number_never_decides_and_gets_the_list(scene: Scene, words: str) -> None:
    await three_calls(scene)

    await scene.says(words, by=scene.approver)

    listed = await scene.hears("Pending approvals")
    assert all(f"approval {number}" in listed for number in WORDS)
    assert {scene.approval(number).status for number in WORDS} == {ApprovalStatus.PENDING}
    assert scene.runs() == 1
    assert scene.lines() == []


@pytest.mark.promise(3)
async def test_a_text_with_a_number_decides_that_one_alone(scene: Scene) -> None:
    cards = await three_calls(scene)

    await scene.says("approve 2", by=scene.approver)

    await scene.closed(cards[2], saying=f"Approved by {scene.approver.name}")
    assert [scene.approval(number).status.value for number in WORDS] == ["pending", "approved", "pending"]
    assert scene.lines() == [], "the second call waits for the first"


@pytest.mark.promise(4)
async def test_gated_calls_of_later_steps_get_their_cards_too(scene: Scene) -> None:
    scene.model_plans(directive(notes("one")), directive(notes("two"), notes("three")))
    await scene.says("do three things")

    await scene.clicks(await scene.card(1), "Approve")
    second, third = await scene.card(2), await scene.card(3)
    assert scene.lines() == ["one"]
    await scene.clicks(third, "Approve")
    await scene.closed(third, saying=f"Approved by {scene.approver.name}")
    assert scene.lines() == ["one"]
    await scene.clicks(second, "Approve")

    assert await scene.answer() == "Done."
    assert scene.lines() == ["one", "two", "three"]
