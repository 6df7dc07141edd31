"""What people look up in Slack, with the real record behind it: the home tab, histories, timelines, lists."""

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.slack import Message, Person, View
from tests.stories.plots import RUN
from tests.stories.world import World


@pytest.fixture
async def card(world: World) -> Message:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    return await world.card()


async def home_of(world: World, person: Person, words: str) -> View:
    await person.opens_home()
    return await world.slack.until(lambda: person.home if person.home and words in person.home.text else None)


async def opened(world: World, person: Person) -> View:
    """The card that the first entry of the home tab opens."""
    home = await home_of(world, person, "approval 1 · shell_exec_safe")
    await person.clicks(home, "mallard:open:0")
    return await world.slack.until(lambda: person.modal)


@pytest.mark.promise(19)
async def test_an_approval_is_decided_from_the_home_tab(world: World, card: Message) -> None:
    view = await opened(world, world.bob)
    assert "echo ran >> ran.txt" in view.text

    await world.bob.clicks(view, "Approve")

    await world.slack.until(lambda: world.bob.modal and "Approved by bob" in world.bob.modal.text)
    await world.closed(card, saying="Approved by bob")
    await world.slack.message(world.pond, thread=card, contains="Done.")
    await world.run(1, RunStatus.COMPLETED)
    assert world.lines() == ["ran"]
    home = await home_of(world, world.bob, "Nothing waits for a decision")
    assert "completed" in home.text


@pytest.mark.promise(21)
async def test_an_approval_is_denied_with_a_reason_from_the_home_tab(world: World, card: Message) -> None:
    view = await opened(world, world.bob)

    await world.bob.clicks(view, "Deny")
    form = await world.slack.until(lambda: world.bob.modal if world.bob.modal and world.bob.modal.inputs else None)
    await world.bob.submits(form, {"Reason": "not at night"})

    await world.closed(card, saying="Denied by bob")
    assert "not at night" in card.text
    await world.slack.until(lambda: world.bob.home and "Denied by bob" in world.bob.home.text)
    assert world.approval().status is ApprovalStatus.DENIED


@pytest.mark.promise(7)
async def test_who_may_not_decide_may_not_decide_from_the_home_tab_either(world: World, card: Message) -> None:
    view = await opened(world, world.alice)

    await world.alice.clicks(view, "Approve")

    await world.slack.until(lambda: world.alice.modal and "Only an approver can decide" in world.alice.modal.text)
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(5)
async def test_a_home_tab_from_before_the_decision_opens_the_card_as_it_stands(world: World, card: Message) -> None:
    home = await home_of(world, world.bob, "approval 1 · shell_exec_safe")
    await world.bob.clicks(card, "Approve")
    await world.closed(card, saying="Approved by bob")

    await world.bob.clicks(home, "mallard:open:0")

    view = await world.slack.until(lambda: world.bob.modal)
    assert "Approved by bob" in view.text
    assert "[Approve]" not in view.text


@pytest.mark.promise(39)
async def test_a_history_is_leafed_through_and_a_run_opened(world: World) -> None:
    for number in range(13):
        asked = await world.alice.dms(f"question {number}.")
        await world.slack.message(world.alice.dm, thread=asked, contains="Done.")
    await world.run(13, RunStatus.COMPLETED)
    asked = await world.alice.dms("history")
    page = await world.slack.message(world.alice.dm, thread=asked, contains="History")
    assert "question 12." in page.text
    assert "question 2." not in page.text

    await world.alice.clicks(page, "Older")
    await world.slack.until(lambda: "question 0." in page.text)
    assert "question 3." not in page.text
    assert "[Older]" not in page.text

    await world.alice.clicks(page, "Newer")
    await world.slack.until(lambda: "question 12." in page.text)
    assert "[Newer]" not in page.text

    await world.alice.clicks(page, "mallard:open:0")
    timeline = await world.slack.until(lambda: world.alice.modal)
    assert "the run is completed" in timeline.text
    assert "asked by alice (UALICE)" in timeline.text


async def test_the_very_first_card_calls_the_requester_by_name(world: World, card: Message) -> None:
    assert world.store.load_run(world.run_id(1)).author_name == ""
    assert "asked by alice" in card.text
    assert "UALICE" not in card.text


async def test_a_decision_that_was_typed_names_its_decider(world: World, card: Message) -> None:
    await world.bob.dms("approve 1")

    await world.closed(card, saying="Approved by bob")


@pytest.mark.parametrize("words", ["stop", "Stop!", "STOP"])
@pytest.mark.promise(29)
async def test_the_slash_command_stops_what_runs_in_the_channel(world: World, card: Message, words: str) -> None:
    await world.alice.slash("/mallard", words, where=world.pond)

    await world.slack.ephemeral(world.alice, contains="run 1 is stopped")
    await world.closed(card, saying="Withdrawn")
    assert world.runs() == 1


async def test_a_slash_command_that_decides_without_a_number_shows_what_waits(world: World, card: Message) -> None:
    await world.bob.slash("/mallard", "approve", where=world.pond)

    await world.slack.ephemeral(world.bob, contains="approval 1 · shell_exec_safe")
    assert world.approval().status is ApprovalStatus.PENDING
