"""Promises 5, 11 and 20: every click is answered, to whoever clicked, with one message and in time."""

from dataclasses import replace
from typing import Any

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.slack import Content, Message, Snapshot
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN
from tests.stories.world import World

SLACKS_PATIENCE = 3.0


@pytest.fixture
async def card(world: World) -> Message:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    return await world.card()


def with_token(card: Message, label: str, token: str) -> Snapshot:
    """The card as somebody would see it whose button carried another token."""

    def changed(element: dict[str, Any]) -> dict[str, Any]:
        is_it = (element.get("text") or {}).get("text") == label
        return element | {"value": token} if is_it else element

    blocks = tuple(
        block | {"elements": [changed(element) for element in block["elements"]]}
        if block["type"] == "actions"
        else block
        for block in card.blocks
    )
    return replace(card.snapshot(), content=Content(card.fallback, blocks))


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
async def test_a_click_that_decides_is_answered_with_one_message(world: World, card: Message) -> None:
    clicked = await world.bob.clicks(card, "Approve")

    assert clicked.took is not None
    assert clicked.took < SLACKS_PATIENCE
    await world.slack.ephemeral(world.bob, contains="Approved by bob")
    await world.slack.message(world.pond, contains="Done.")
    assert len(world.bob.ephemerals) == 1
    assert [message.text for message in world.slack.answers(world.pond)] == [card.text, "Done."]


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
@pytest.mark.parametrize("label", ["Approve", "Always allow", "Deny", "Change…"])
async def test_a_late_click_is_told_what_was_decided_and_by_whom(world: World, card: Message, label: str) -> None:
    old = card.snapshot()
    await world.bob.clicks(card, "Approve")
    await world.slack.message(world.pond, contains="Done.")
    posted = len(world.slack.record.calls_of("chat.postMessage"))

    clicked = await world.bob.clicks(old, label)

    await world.slack.ephemeral(world.bob, contains="This was settled before you: Approved by bob")
    await world.closed(card, saying="Approved by bob")
    assert clicked.acked
    assert world.bob.modal is None, "there is nothing left to ask words for"
    assert len(world.bob.ephemerals) == 2
    assert len(world.slack.record.calls_of("chat.postMessage")) == posted
    assert world.lines() == ["ran"]


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
async def test_a_double_click_is_two_answers_and_one_decision(world: World, card: Message) -> None:
    old = card.snapshot()

    await world.bob.clicks(old, "Approve")
    await world.bob.clicks(old, "Approve")

    await world.slack.until(lambda: len(world.bob.ephemerals) == 2)
    assert await world.answer() == "Done."
    assert sorted(message.text.startswith("This was settled") for message in world.bob.ephemerals) == [False, True]
    assert len(world.events_of("approval_decided")) == 1
    assert world.lines() == ["ran"]


@pytest.mark.promise(5)
async def test_a_click_after_the_time_is_over_is_told_so(world: World, card: Message) -> None:
    old = card.snapshot()
    world.slack.clock.advance(73 * 3600)  # and nobody has looked at the clock yet

    clicked = await world.bob.clicks(old, "Approve")

    await world.slack.ephemeral(world.bob, contains="Expired: nobody decided in time")
    assert clicked.acked
    assert world.approval().status is ApprovalStatus.EXPIRED
    assert world.lines() == []


@pytest.mark.promise(5)
@pytest.mark.mistake(11)
async def test_a_click_that_is_not_allowed_is_told_who_may(world: World, card: Message) -> None:
    await world.alice.clicks(card, "Approve")

    await world.slack.ephemeral(world.alice, contains="Only an approver can decide this; you are slack:T1/UALICE")
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(5)
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
    world: World, card: Message, token: str, words: str
) -> None:
    forged = with_token(card, "Approve", token.format(house=world.store.installation))

    clicked = await world.bob.clicks(forged, "Approve")

    await world.slack.ephemeral(world.bob, contains=words)
    assert clicked.acked
    assert len(world.bob.ephemerals) == 1
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(20)
@pytest.mark.parametrize("label", ["Approve", "Deny", "Change…", "Show everything"])
async def test_a_card_of_another_installation_is_refused_clearly(world: World, card: Message, label: str) -> None:
    verb = {"Approve": "approve", "Deny": "deny", "Change…": "change", "Show everything": "show"}[label]
    foreign = with_token(card, label, f"0123abcd.1.{verb}")

    await world.bob.clicks(foreign, label)

    refusal = "may see" if verb == "show" else "another installation"
    await world.slack.ephemeral(world.bob, contains=refusal)
    assert world.bob.modal is None
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(20)
@pytest.mark.mistake(11)
@pytest.mark.mistake(26)
async def test_a_person_of_another_workspace_is_not_their_namesake_in_ours(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVERS="slack:T1/UZOE,slack:T1/UBOB") as world:
        zoe = world.slack.person("UZOE", name="zoe", team="T2")
        world.pond.members.add(zoe.id)
        world.pond.is_shared = True
        world.model_plans(RUN)
        await world.alice.mentions(world.pond, "run it")
        card = await world.card()

        await zoe.clicks(card, "Approve")

        await world.slack.ephemeral(zoe, contains="Only an approver can decide this; you are slack:T2/UZOE")
        assert world.approval().status is ApprovalStatus.PENDING
        (refused,) = world.events_of("approval_refused")
        assert refused.body is not None
        assert refused.body["by"] == "slack:T2/UZOE"


@pytest.mark.promise(5)
@pytest.mark.mistake(25)
async def test_an_answer_that_slack_will_not_show_in_the_channel_reaches_the_clicker_all_the_same(
    world: World, card: Message
) -> None:
    world.slack.fail("chat.postEphemeral", "user_not_in_channel", times=None)

    await world.bob.clicks(card, "Approve")

    await world.slack.ephemeral(world.bob, contains="Approved by bob")
    assert await world.answer() == "Done."
