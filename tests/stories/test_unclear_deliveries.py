"""Promise 9 where Slack never says whether it posted: after six tries and a look the next form is used, and no copy stays open.
An answer has no plainer form: it comes by DM."""

from typing import Any

import pytest

from tests.stories.outbox import courier_has_tried, has_buttons
from tests.stories.plots import RUN
from tests.stories.world import World

UNCLEAR: list[dict[str, Any]] = [{"error": "internal_error"}, {"error": "fatal_error"}, {"status": 500}]


@pytest.mark.promise(9)
@pytest.mark.parametrize("failure", UNCLEAR)
async def test_a_card_that_slack_never_answers_clearly_is_said_as_text(world: World, failure: dict[str, Any]) -> None:
    world.slack.fail("chat.postMessage", times=None, when=has_buttons, **failure)
    world.model_plans(RUN)
    thread = await world.alice.mentions(world.pond, "run it")

    await courier_has_tried(world, "full")
    said = await world.slack.message(world.pond, thread=thread, contains="approve 1")
    await world.bob.says(world.pond, "approve 1", thread=thread)

    assert await world.answer() == "Done."
    await world.slack.until(lambda: "Approved by" in said.text and "approve 1" not in said.text)
    assert len([m for m in world.slack.answers(world.pond) if "Approval 1:" in m.text]) == 1


@pytest.mark.promise(9)
@pytest.mark.parametrize("failure", UNCLEAR)
async def test_where_slack_never_answers_clearly_the_requester_is_told_by_dm(
    world: World, failure: dict[str, Any]
) -> None:
    pond = world.pond.id
    world.slack.fail("chat.postMessage", times=None, when=lambda call: call["channel"] == pond, **failure)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    await courier_has_tried(world, "full", "text")
    told = await world.slack.message(world.alice.dm, contains="Approval 1:")
    await world.bob.dms("approve 1")

    assert await world.answer() == "Done."
    await world.slack.until(lambda: "Approved by" in told.text)
    assert world.lines() == ["ran"]


@pytest.mark.promise(9)
@pytest.mark.parametrize("failure", UNCLEAR)
async def test_an_answer_that_slack_never_takes_clearly_comes_by_dm(world: World, failure: dict[str, Any]) -> None:
    pond = world.pond.id
    for method in ("chat.startStream", "chat.postMessage"):
        world.slack.fail(method, times=None, when=lambda call: call["channel"] == pond, **failure)
    await world.alice.mentions(world.pond, "hello")

    await courier_has_tried(world, "full", kind="answer")

    await world.slack.message(world.alice.dm, contains="Done.")
    assert not [said for said in world.slack.answers(world.pond) if "Done." in said.text]


@pytest.mark.promise(9)
@pytest.mark.promise(10)
async def test_a_card_that_came_to_stand_after_its_requester_was_told_is_closed_as_well(world: World) -> None:
    pond = world.pond.id
    world.slack.fail("chat.postMessage", status=500, processed=True, when=has_buttons)
    unseen = world.slack.fail("conversations.replies", "internal_error", times=None)
    refused = world.slack.fail(
        "chat.postMessage",
        "is_archived",
        times=None,
        when=lambda call: call["channel"] == pond and not has_buttons(call),
    )
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    await courier_has_tried(world, "full", times=11)
    told = await world.slack.message(world.alice.dm, contains="Approval 1:")
    card = await world.card()
    assert "Approve" in card.labels
    unseen.lift()
    refused.lift()
    await world.bob.dms("approve 1")

    await world.closed(card, saying="Approved by")
    await world.slack.until(lambda: "Approved by" in told.text)
    assert await world.answer() == "Done."
    assert world.lines() == ["ran"]


@pytest.mark.promise(9)
async def test_where_slack_answers_nobody_clearly_an_administrator_is_told_while_the_courier_goes_on(
    world: World,
) -> None:
    carols = world.carol.dm.id
    trouble = world.slack.fail(
        "chat.postMessage", "internal_error", times=None, when=lambda call: call["channel"] != carols
    )
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    await courier_has_tried(world, "full", "text", "direct")

    told = await world.slack.message(world.carol.dm, contains="could not deliver the card of run 1")
    assert "I keep trying" in told.text
    trouble.lift()
    await world.time_passes(minutes=6)
    await world.slack.message(world.alice.dm, contains="Approval 1:")
