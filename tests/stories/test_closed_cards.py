"""Promise 10 on Slack: every copy of a card says how it ended, in whatever form and wherever it had to be posted.

What holds on every platform is in the contract (`tests/platforms/contract/test_deliveries.py`).
"""

from collections.abc import Awaitable, Callable

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import directive
from tests.fakes.slack import Call, Message
from tests.stories.plots import notes
from tests.stories.world import World

STEP = directive(notes("one"), notes("two"))
"""The stories look at the second card; the first one's fate may decide the second's."""


def has_buttons(call: Call) -> bool:
    return '"actions"' in str(call.get("blocks")).replace("'", '"')


async def as_card(world: World) -> Message:
    await world.alice.mentions(world.pond, "do two things")
    return await world.card(2)


async def as_text(world: World) -> Message:
    world.slack.fail("chat.postMessage", "invalid_blocks", times=None, when=has_buttons)
    await world.alice.mentions(world.pond, "do two things")
    return await world.slack.message(world.pond, contains="Approval 2:")


async def as_dm(world: World) -> Message:
    pond = world.pond.id
    world.slack.fail("chat.postMessage", "not_in_channel", times=None, when=lambda call: call["channel"] == pond)
    await world.alice.mentions(world.pond, "do two things")
    return await world.slack.message(world.alice.dm, contains="Approval 2:")


async def approved(world: World) -> None:
    await world.presses(world.ref(world.bob), "approve", 2)


async def denied(world: World) -> None:
    await world.presses(world.ref(world.bob), "deny", 2)


async def changed(world: World) -> None:
    await world.presses(world.ref(world.bob), "change", 2, comment="please not")


async def expired(world: World) -> None:
    await world.time_passes(hours=73)


async def withdrawn_with_a_sibling(world: World) -> None:
    await world.presses(world.ref(world.bob), "change", 1, comment="please not")


async def stopped(world: World) -> None:
    await world.alice.mentions(world.pond, "stop", thread=world.slack.messages(world.pond)[0])


ENDINGS: list[tuple[Callable[[World], Awaitable[None]], str]] = [
    (approved, "Approved by"),
    (denied, "Denied by"),
    (changed, "Changes requested by"),
    (expired, "Expired: nobody decided in time"),
    (withdrawn_with_a_sibling, "Withdrawn"),
    (stopped, "Withdrawn"),
]


@pytest.mark.promise(10)
@pytest.mark.parametrize("posted", [as_text, as_dm])
@pytest.mark.parametrize(("ends", "words"), ENDINGS)
async def test_however_it_ends_its_copy_says_so_and_offers_no_decision(
    world: World,
    posted: Callable[[World], Awaitable[Message]],
    ends: Callable[[World], Awaitable[None]],
    words: str,
) -> None:
    world.model_plans(STEP)
    copy = await posted(world)
    await world.run(1, RunStatus.WAITING)

    await ends(world)

    await world.closed(copy, saying=words)
    assert "approve 2" not in copy.text


@pytest.mark.promise(10)
@pytest.mark.parametrize("error", ["internal_error", "ratelimited"])
async def test_an_edit_that_failed_is_made_after_the_next_start(world: World, error: str) -> None:
    world.model_plans(STEP)
    card = await as_card(world)
    trouble = world.slack.fail("chat.update", error, times=None)
    await world.presses(world.ref(world.bob), "deny", 2)
    await world.presses(world.ref(world.bob), "approve", 1)
    await trouble.arrived(2)
    await world.answer()

    await world.close()
    assert "Approve" in card.labels
    trouble.lift()
    world.slack.clock.advance(600)
    await world.open()

    await world.closed(card, saying="Denied by")


@pytest.mark.promise(10)
async def test_a_closed_card_that_slack_will_not_take_is_closed_as_text(world: World) -> None:
    world.model_plans(STEP)
    card = await as_card(world)
    world.slack.fail("chat.update", "invalid_blocks", times=None, when=lambda call: "header" in str(call.get("blocks")))

    await world.presses(world.ref(world.bob), "deny", 2)

    await world.closed(card, saying="Denied by")
    assert "Approval 2" in card.text


@pytest.mark.promise(10)
async def test_a_card_that_is_decided_before_it_stands_is_closed_once_it_does(world: World) -> None:
    posting = world.slack.hold("chat.postMessage", processed=True, when=has_buttons)
    world.model_plans(directive(notes("one")))
    await world.alice.mentions(world.pond, "do one thing")
    await posting.arrived()
    await world.run(1, RunStatus.WAITING)

    await world.presses(world.ref(world.bob), "approve")
    assert world.approval().status is ApprovalStatus.APPROVED
    posting.release()

    await world.closed(await world.card(), saying="Approved by")
    assert await world.answer() == "Done."


@pytest.mark.promise(10)
async def test_a_copy_that_was_missed_is_closed_by_a_click_on_it(world: World) -> None:
    world.model_plans(STEP)
    card = await as_card(world)
    trouble = world.slack.fail("chat.update", "cant_update_message", times=None)
    await world.presses(world.ref(world.bob), "deny", 2)
    await trouble.arrived()
    await world.until(
        lambda: world.store.database.read_row("SELECT 1 FROM deliveries WHERE kind = 'card_update' AND status = 'dead'")
    )
    trouble.lift()

    await world.bob.clicks(card, "Approve")

    await world.slack.ephemeral(world.bob, contains="settled before you: Denied by")
    await world.closed(card, saying="Denied by")
