"""Promise 19 on Slack: at every place where it can be decided, the answer comes to the conversation that asked."""

import pytest

from bots.terminal.platform import local_user
from runtime.states import RunStatus
from tests.fakes.slack import Message
from tests.stories.plots import RUN
from tests.stories.shell import mallard
from tests.stories.world import World


async def asked(world: World) -> tuple[Message, Message]:
    """The message that asked, and the card."""
    world.model_plans(RUN)
    message = await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    return message, card


async def answered_where_it_was_asked(world: World, message: Message, card: Message) -> None:
    await world.slack.message(world.pond, thread=message, contains="Done.")
    await world.closed(card, saying="Approved by")
    elsewhere = [one.text for dm in (world.alice.dm, world.bob.dm) for one in world.slack.answers(dm)]
    assert not any("Done." in text for text in elsewhere)
    assert world.lines() == ["ran"]


@pytest.mark.promise(19)
async def test_clicked_on_the_card_that_the_list_in_a_direct_message_opens(world: World) -> None:
    message, card = await asked(world)
    await world.bob.dms("pending")
    listed = await world.slack.message(world.bob.dm, contains="Pending approvals")

    await world.bob.clicks(listed, "Open")
    await world.slack.until(lambda: world.bob.modal)
    assert world.bob.modal is not None
    await world.bob.clicks(world.bob.modal, "Approve")

    await answered_where_it_was_asked(world, message, card)


@pytest.mark.promise(19)
async def test_clicked_on_the_card_that_the_home_tab_opens(world: World) -> None:
    message, card = await asked(world)
    await world.bob.opens_home()
    await world.slack.until(lambda: world.bob.home and "approval 1" in world.bob.home.text)
    assert world.bob.home is not None

    await world.bob.clicks(world.bob.home, "Open")
    await world.slack.until(lambda: world.bob.modal)
    assert world.bob.modal is not None
    await world.bob.clicks(world.bob.modal, "Approve")

    await answered_where_it_was_asked(world, message, card)


@pytest.mark.promise(19)
async def test_typed_in_another_channel(world: World) -> None:
    lake = world.slack.channel("lake", members=[world.bob])
    message, card = await asked(world)

    await world.bob.mentions(lake, "approve 1")

    await answered_where_it_was_asked(world, message, card)
    assert not any("Done." in one.text for one in world.slack.answers(lake))


@pytest.mark.promise(19)
async def test_by_whoever_sits_at_the_terminal(world: World) -> None:
    message, card = await asked(world)

    settlement = await world.presses(local_user(), "approve")

    assert settlement.words.startswith("Approved by")
    await answered_where_it_was_asked(world, message, card)


@pytest.mark.promise(19)
async def test_a_denial_on_the_command_line_reaches_the_conversation_with_its_reason(world: World) -> None:
    message, card = await asked(world)

    await mallard(world, "approvals", "deny", "1", "--reason", "not on a Friday")

    await world.slack.message(world.pond, thread=message, contains="Done.")
    await world.closed(card, saying="not on a Friday")
    assert world.lines() == []
