"""Cards, forms and pages as the library and Discord's rules take them."""

from collections.abc import AsyncIterator

import pytest

from runtime.agent import Outcome
from runtime.contents import Argument, Entry, Page
from runtime.door import Settlement
from tests.platforms.on_discord.simulated import Simulation, simulated, texts
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

HISTORY = Page(
    title="History",
    entries=(Entry(text="run 3 · completed", detail="how large is the pond?", token="run 3"),),
    older="history before 3",
)
OLDER = Page(title="History", entries=(Entry(text="run 1 · failed"),), newer="history after 1")


@pytest.fixture
async def simulation() -> AsyncIterator[Simulation]:
    async with simulated(RecordingDoor(pages={"history": HISTORY, "history before 3": OLDER})) as running:
        yield running


@pytest.mark.promise(5)
@pytest.mark.mistake(11)
@pytest.mark.mistake(12)
async def test_a_click_brings_its_token_and_who_clicked_and_is_answered_to_them_alone(simulation: Simulation) -> None:
    shown, _ = await simulation.card()

    result = await simulation.bob.click(shown, label="Approve")

    (clicked,) = simulation.door.clicks
    assert clicked.token == "pond.7.approve"
    assert (str(clicked.by), clicked.by_name) == (f"discord:{simulation.bob.id}", "bob")
    assert clicked.where.thread == str(simulation.pond.threads[0].id)
    (told,) = result.followups
    assert told.ephemeral
    assert texts(told.components) == "You approved it."


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_card_of_an_earlier_process_is_clicked_in_this_one(simulation: Simulation) -> None:
    shown, _ = await simulation.card()
    await simulation.restart()

    result = await simulation.ann.click(shown, label="Approve")
    form = await simulation.ann.click(shown, label="Deny")
    await simulation.restart()
    sent = await simulation.ann.submit_modal(form, {"words": "because"})

    assert result.acknowledged
    assert [(clicked.token, clicked.comment) for clicked in simulation.door.clicks] == [
        ("pond.7.approve", ""),
        ("pond.7.deny", "because"),
    ]
    assert sent.followups[0].ephemeral


@pytest.mark.mistake(9)
async def test_a_card_that_is_decided_after_its_tokens_have_expired_still_changes(simulation: Simulation) -> None:
    shown, ref = await simulation.card()
    await simulation.ann.click(shown, label="Approve")
    await simulation.env.advance_time(16 * 60)

    await simulation.hall.posting.edit(ref, decided())

    assert "Approved by bob" in simulation.read()
    assert "Deny" not in simulation.read()


@pytest.mark.promise(11)
@pytest.mark.mistake(10)
async def test_a_stale_copy_of_a_card_is_closed_when_somebody_clicks_it(simulation: Simulation) -> None:
    shown, _ = await simulation.card()
    words = "This was settled before you: Approved by bob."
    simulation.door.settlement = Settlement(outcome=Outcome.ALREADY_DECIDED, words=words, card=decided())

    result = await simulation.ann.click(shown, label="Approve")

    assert texts(result.followups[0].components) == words
    assert "Approved by bob" in simulation.read()


@pytest.mark.promise(12)
@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_what_no_modal_has_room_for_comes_whole_as_a_file_in_the_clickers_dm(simulation: Simulation) -> None:
    huge = "pond & <water> 🦆 " * 60_000
    shown, _ = await simulation.card(card(arguments=(Argument(name="content", text=huge),)))

    result = await simulation.bob.click(shown, label="Show everything")

    assert result.modal is not None
    handed = simulation.bob.user.dm_channel.last_message
    assert handed is not None
    assert [file.filename for file in handed.attachments] == ["approval-7.txt"]
    assert len(result.followups) == 1


@pytest.mark.promise(15)
async def test_always_asks_once_more(simulation: Simulation) -> None:
    shown, _ = await simulation.card()

    form = await simulation.bob.click(shown, label="Always allow")
    assert form.modal is not None
    assert "again" in texts(form.modal["components"])
    assert not simulation.door.clicks
    await simulation.bob.submit_modal(form, {})

    assert [clicked.token for clicked in simulation.door.clicks] == ["pond.7.always"]


async def test_a_modal_that_only_shows_something_decides_nothing(simulation: Simulation) -> None:
    shown, _ = await simulation.card()

    form = await simulation.bob.click(shown, label="Show everything")
    result = await simulation.bob.submit_modal(form, {})

    assert result.acknowledged
    assert not result.followups
    assert not simulation.door.clicks


@pytest.mark.promise(39)
async def test_a_private_page_turns_where_it_stands(simulation: Simulation) -> None:
    listed = await simulation.ann.slash(simulation.pond, "history")
    assert listed.response is not None

    turned = await simulation.ann.click(listed.response, label="Older")

    assert turned.response is not None
    assert turned.response.id == listed.response.id
    assert "run 1" in texts(turned.response.components)
    assert not turned.followups


async def test_a_page_in_a_channel_is_turned_for_the_clicker_alone(simulation: Simulation) -> None:
    asked = await simulation.asks("history")
    await simulation.hall.posting.post(simulation.thread_of(asked), HISTORY, key="page")

    turned = await simulation.bob.click(simulation.newest(), label="Older")

    (told,) = turned.followups
    assert told.ephemeral
    assert "run 1" in texts(told.components)
    assert "run 3" in simulation.read()


async def test_a_card_that_is_opened_from_a_page_can_be_decided_there(simulation: Simulation) -> None:
    simulation.door.cards["pond.7.show"] = card()
    simulation.door.pages["pending"] = Page(title="Pending", entries=(Entry(text="approval 7", token="pond.7.show"),))
    simulation.door.settlement = Settlement(outcome=Outcome.DECIDED, words="You approved it.", card=decided())
    listed = await simulation.ann.slash(simulation.pond, "pending")
    assert listed.response is not None

    opened = await simulation.ann.click(listed.response, label="Open")
    (private,) = opened.followups
    result = await simulation.ann.click(private, label="Approve")

    assert [clicked.token for clicked in simulation.door.clicks] == ["pond.7.approve"]
    assert result.response is not None
    assert result.response.id == private.id
    assert "Approved by bob" in texts(result.response.components)
