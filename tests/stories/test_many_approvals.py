"""Promises 3 and 4: several cards at once, decided in any order, and calls that run in the order asked."""

from itertools import permutations

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import directive
from tests.fakes.slack import Message
from tests.stories.plots import for_each, notes
from tests.stories.world import World

ORDERS = list(permutations((1, 2, 3)))
WORDS = {1: "one", 2: "two", 3: "three"}


async def three_cards(world: World) -> dict[int, Message]:
    return {number: await world.card(number) for number in (1, 2, 3)}


@pytest.mark.promise(3)
@pytest.mark.promise(4)
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_calls_of_one_step_run_in_the_order_asked_whatever_the_order_of_the_clicks(
    world: World, order: tuple[int, ...]
) -> None:
    world.model_plans(directive(*map(notes, WORDS.values())))
    await world.alice.mentions(world.pond, "do three things")
    cards = await three_cards(world)

    for clicked, number in enumerate(order, start=1):
        await world.bob.clicks(cards[number], "Approve")
        await world.closed(cards[number], saying="Approved by bob")
        still = [one for one in order[clicked:] if world.approval(one).status is ApprovalStatus.PENDING]
        assert still == list(order[clicked:]), "each resolves itself alone"

    assert await world.answer() == "Done."
    assert world.lines() == ["one", "two", "three"]
    assert len(world.events_of("approval_decided")) == 3


@pytest.mark.promise(3)
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_cards_of_several_runs_in_one_thread_resolve_each_alone(world: World, order: tuple[int, ...]) -> None:
    world.model_says(for_each({word: directive(notes(word)) for word in WORDS.values()}))
    thread = await world.alice.mentions(world.pond, "one")
    await world.run(1, RunStatus.WAITING)
    for number in (2, 3):
        await world.alice.says(world.pond, WORDS[number], thread=thread)
        await world.run(number, RunStatus.WAITING)
    cards = await three_cards(world)

    for clicked, number in enumerate(order, start=1):
        await world.bob.clicks(cards[number], "Approve")
        await world.run(number, RunStatus.COMPLETED)
        waiting = [one for one in order if world.store.load_run(world.run_id(one)).status is RunStatus.WAITING]
        assert sorted(waiting) == sorted(order[clicked:])

    assert world.lines() == [WORDS[number] for number in order]


@pytest.mark.promise(3)
async def test_one_thread_can_hold_a_yes_a_no_and_a_card_that_waits(world: World) -> None:
    world.model_says(for_each({word: directive(notes(word)) for word in WORDS.values()}))
    thread = await world.alice.mentions(world.pond, "one")
    await world.run(1, RunStatus.WAITING)
    for number in (2, 3):
        await world.alice.says(world.pond, WORDS[number], thread=thread)
        await world.run(number, RunStatus.WAITING)

    await world.presses(world.ref(world.bob), "deny", 3)
    await world.presses(world.ref(world.bob), "approve", 1)

    assert (await world.run(1, RunStatus.COMPLETED)).steps[0].calls[0].denial is None
    assert (await world.run(3, RunStatus.COMPLETED)).steps[0].calls[0].denial is not None
    assert (await world.run(2)).status is RunStatus.WAITING
    assert world.lines() == ["one"]
    card = await world.card(2)
    assert "Approve" in card.labels


@pytest.mark.promise(3)
@pytest.mark.parametrize("words", ["approve", "Approve!", "approve it", "approve all", "deny", "always"])
async def test_a_text_without_a_number_never_decides_and_gets_the_list(world: World, words: str) -> None:
    world.model_plans(directive(*map(notes, WORDS.values())))
    thread = await world.alice.mentions(world.pond, "do three things")
    await three_cards(world)

    await world.bob.says(world.pond, words, thread=thread)

    listed = await world.slack.message(world.pond, thread=thread, contains="Pending approvals")
    assert all(f"approval {number}" in listed.text for number in (1, 2, 3))
    assert {world.approval(number).status for number in (1, 2, 3)} == {ApprovalStatus.PENDING}
    assert world.runs() == 1
    assert world.lines() == []


@pytest.mark.promise(3)
async def test_a_text_with_a_number_decides_that_one_alone(world: World) -> None:
    world.model_plans(directive(*map(notes, WORDS.values())))
    thread = await world.alice.mentions(world.pond, "do three things")
    cards = await three_cards(world)

    await world.bob.says(world.pond, "approve 2", thread=thread)

    await world.closed(cards[2], saying="Approved by bob")
    assert [world.approval(number).status.value for number in (1, 2, 3)] == ["pending", "approved", "pending"]
    assert world.lines() == [], "the second call waits for the first"


@pytest.mark.promise(4)
async def test_gated_calls_of_later_steps_get_their_cards_too(world: World) -> None:
    world.model_plans(directive(notes("one")), directive(notes("two"), notes("three")))
    await world.alice.mentions(world.pond, "do three things")

    await world.bob.clicks(await world.card(1), "Approve")
    second, third = await world.card(2), await world.card(3)
    assert world.lines() == ["one"]
    await world.bob.clicks(third, "Approve")
    await world.closed(third, saying="Approved by bob")
    assert world.lines() == ["one"]
    await world.bob.clicks(second, "Approve")

    assert await world.answer() == "Done."
    assert world.lines() == ["one", "two", "three"]
