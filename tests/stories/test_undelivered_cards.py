"""Promise 9 on Slack: a card that cannot be posted is tried again, then said as text, then by DM, then admins are told."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.stories.outbox import courier_tried, has_buttons
from tests.stories.plots import RUN
from tests.stories.world import World


@pytest.mark.promise(9)
@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
@pytest.mark.parametrize("times", [1, 3, 5])
async def test_a_card_that_fails_a_few_times_is_tried_until_it_stands_once(
    world: World, error: str, times: int
) -> None:
    world.slack.fail("chat.postMessage", error, times=times, when=has_buttons)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    for number in range(1, times + 1):
        await courier_tried(world, number)
        await world.time_passes(minutes=6)
    card = await world.card()

    assert "Approve" in card.labels
    assert len([m for m in world.slack.answers(world.pond) if "Approval 1:" in m.text]) == 1
    await world.bob.clicks(card, "Approve")
    assert await world.answer() == "Done."


@pytest.mark.promise(9)
@pytest.mark.mistake(8)
async def test_a_card_whose_posting_broke_off_is_found_and_not_posted_twice(world: World) -> None:
    world.slack.drop("chat.postMessage", processed=True, when=has_buttons)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await courier_tried(world, 1)
    await world.time_passes(minutes=1)

    await world.until(lambda: world.store.database.read_row("SELECT 1 FROM deliveries WHERE status = 'sent'"))

    assert len([m for m in world.slack.answers(world.pond) if "Approval 1:" in m.text]) == 1
    await world.bob.clicks(await world.card(), "Approve")
    assert await world.answer() == "Done."


@pytest.mark.promise(9)
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long", "invalid_arguments"])
async def test_a_card_that_slack_refuses_is_said_as_text_and_decided_by_typing(world: World, error: str) -> None:
    world.slack.fail("chat.postMessage", error, times=None, when=has_buttons)
    world.model_plans(RUN)
    thread = await world.alice.mentions(world.pond, "run it")

    said = await world.slack.message(world.pond, thread=thread, contains="approve 1")
    await world.bob.says(world.pond, "approve 1", thread=thread)

    assert "echo ran >> ran.txt" in said.text
    assert said.buttons == ()
    assert await world.answer() == "Done."
    await world.slack.until(lambda: "Approved by" in said.text and "approve 1" not in said.text)


@pytest.mark.promise(9)
async def test_a_card_that_is_never_taken_in_time_is_said_as_text(world: World) -> None:
    world.slack.fail("chat.postMessage", "service_unavailable", times=None, when=has_buttons)
    world.model_plans(RUN)
    thread = await world.alice.mentions(world.pond, "run it")

    for number in range(1, 6):
        await courier_tried(world, number)
        await world.time_passes(minutes=6)

    await world.slack.message(world.pond, thread=thread, contains="approve 1")


@pytest.mark.promise(9)
@pytest.mark.mistake(25)
@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "restricted_action"])
async def test_where_nothing_can_be_posted_the_requester_is_told_by_dm(world: World, error: str) -> None:
    pond = world.pond.id
    world.slack.fail("chat.postMessage", error, times=None, when=lambda call: call["channel"] == pond)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    told = await world.slack.message(world.alice.dm, contains="Approval 1:")
    await world.bob.dms("approve 1")

    assert await world.answer() == "Done."
    await world.slack.until(lambda: "Approved by" in told.text)
    assert world.lines() == ["ran"]


@pytest.mark.promise(9)
@pytest.mark.mistake(25)
async def test_where_nobody_can_be_told_an_administrator_is(world: World) -> None:
    carols = world.carol.dm.id
    world.slack.fail("chat.postMessage", "not_in_channel", times=None, when=lambda call: call["channel"] != carols)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    told = await world.slack.message(world.carol.dm, contains="could not deliver the card of run 1")

    assert "slack:T1/UALICE" in told.text
    assert (await world.run(1, RunStatus.WAITING)).status is RunStatus.WAITING
    assert world.approval().status is ApprovalStatus.PENDING
    await world.bob.dms("approve 1")
    assert (await world.run(1, RunStatus.COMPLETED)).status is RunStatus.COMPLETED
