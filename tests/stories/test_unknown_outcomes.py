"""Promise 32: whoever may decide a call whose outcome is unknown, and in whatever way, it is never tried by itself."""

import pytest

from runtime.states import ApprovalStatus
from tests.fakes.scripted import call, directive
from tests.fakes.slack import Message
from tests.stories.plots import notes
from tests.stories.world import World

HANGS_ONCE = call("shell_exec_safe", command="sh -c 'echo tried >> ran.txt; [ -f go ] || sleep 60'", timeout_s=1)


async def unclear(world: World) -> Message:
    """The card that asks what became of a command which did not end in time."""
    world.model_plans(directive(HANGS_ONCE, notes("next")))
    await world.alice.mentions(world.pond, "do two things")
    cards = [await world.card(number) for number in (1, 2)]
    for card in cards:
        await world.bob.clicks(card, "Approve")
        await world.closed(card, saying="Approved by bob")
    return await world.card(3)


@pytest.mark.promise(32)
async def test_a_retry_that_hangs_again_asks_again(world: World) -> None:
    card = await unclear(world)

    await world.bob.clicks(card, "Retry")

    again = await world.card(4)
    assert again.labels == ["Mark done", "Mark failed", "Retry", "Show everything"]
    assert world.lines() == ["tried", "tried"]


@pytest.mark.promise(32)
async def test_whoever_may_not_decide_the_call_may_not_say_what_became_of_it(world: World) -> None:
    card = await unclear(world)

    await world.alice.clicks(card, "Mark done")

    await world.slack.ephemeral(world.alice, contains="Only an approver can decide this")
    assert world.approval(3).status is ApprovalStatus.PENDING
    (refused,) = world.events_of("approval_refused")
    assert refused.body is not None
    assert refused.body["verdict"] == "mark_done"


@pytest.mark.promise(32)
async def test_it_can_be_typed_where_no_button_is_at_hand(world: World) -> None:
    await unclear(world)

    await world.bob.dms("mark done 3")

    assert await world.answer() == "Done."
    assert world.lines() == ["tried", "next"]
