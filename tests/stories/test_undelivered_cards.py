"""Promise 9 on Slack: a card that cannot be posted is tried again, then said as text, then by DM, then admins are told. An
answer has no plainer form: it comes by DM."""

from typing import Any

import pytest

from runtime.states import ApprovalStatus, RunStatus
from storage.encoding import micros
from tests.fakes.scripted import directive
from tests.fakes.slack import Call
from tests.stories.plots import RUN, notes
from tests.stories.world import World


def has_buttons(call: Call) -> bool:
    return '"actions"' in str(call.get("blocks")).replace("'", '"')


async def courier_tried(world: World, times: int, form: str = "full", kind: str = "card") -> None:
    """Return once the newest delivery of a kind was put back after its Nth attempt. What Slack puts off is none."""

    def deferred() -> bool:
        row = world.store.database.read_row(
            "SELECT status, attempts, form FROM deliveries WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)
        )
        return row is not None and row[0] == "owed" and row[1] >= times and row[2] == form

    await world.until(deferred)


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


UNCLEAR: list[dict[str, Any]] = [{"error": "internal_error"}, {"error": "fatal_error"}, {"status": 500}]


async def courier_has_tried(world: World, *forms: str, times: int = 6, kind: str = "card") -> None:
    """Let the courier try one form after another, so many times each, with time between the tries."""
    for form in forms:
        for number in range(1, times + 1):
            await courier_tried(world, number, form, kind)
            await world.time_passes(minutes=6)


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


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_a_rate_limit_is_waited_out_and_the_card_keeps_its_form(world: World) -> None:
    limit = world.slack.rate_limit("chat.postMessage", retry_after=30, times=8, when=has_buttons)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    for number in range(1, 9):
        await limit.arrived(number)
        await courier_tried(world, 0)
        await world.time_passes(seconds=31)

    assert "Approve" in (await world.card()).labels


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_a_rate_limit_holds_back_the_other_cards_of_its_channel(world: World) -> None:
    limit = world.slack.rate_limit("chat.postMessage", retry_after=30, times=None, when=has_buttons)
    world.model_plans(directive(*(notes(str(number)) for number in range(8))))

    def all_put_off() -> bool:
        rows = world.store.database.read_rows(
            "SELECT 1 FROM deliveries WHERE kind = 'card' AND status = 'owed' AND not_before > ? LIMIT 64",
            (micros(world.clock.now()),),
        )
        return len(rows) == 8

    await world.alice.mentions(world.pond, "do eight things")
    await world.until(all_put_off)
    assert len(limit.hits) == 1

    await world.time_passes(seconds=31)
    await limit.arrived(2)
    await world.until(all_put_off)
    assert len(limit.hits) == 2

    limit.lift()
    await world.time_passes(seconds=31)
    assert "Approve" in (await world.card(8)).labels
