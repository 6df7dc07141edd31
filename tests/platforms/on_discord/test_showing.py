"""What a click shows to the clicker alone: the whole card, or another page."""

import pytest

from runtime.contents import Argument, Entry, Page
from runtime.records import ConversationRef
from tests.platforms.on_discord.scenes import Scene
from tests.platforms.samples import card


@pytest.mark.promise(13)
async def test_show_everything_opens_the_whole_card_for_the_clicker(scene: Scene) -> None:
    long_text = "\n".join(f"line {number}" for number in range(290))
    shown = await scene.card(card(arguments=(Argument(name="content", text=long_text),)))

    await scene.bob.clicks(shown, "Show everything")

    assert scene.bob.modal is not None
    assert "line 289" in scene.bob.modal.text
    receipt = await scene.bob.submits()
    assert receipt.acked
    assert not scene.door.clicks
    assert not scene.discord.answers(scene.bob.dm)


@pytest.mark.promise(12)
@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_what_no_modal_has_room_for_comes_whole_as_a_file_in_the_clickers_dm(scene: Scene) -> None:
    huge = "pond & <water> 🦆 " * 60_000
    shown = await scene.card(card(arguments=(Argument(name="content", text=huge),)))

    await scene.bob.clicks(shown, "Show everything")
    handed = await scene.discord.message(scene.bob.dm, contains="approval 7")

    assert huge in handed.attachments[0].content.decode()
    assert "direct messages" in (await scene.told(scene.bob)).text


@pytest.mark.mistake(25)
async def test_who_takes_no_direct_messages_hears_why_the_whole_card_does_not_come(scene: Scene) -> None:
    scene.bob.closes_dms()
    shown = await scene.card(card(arguments=(Argument(name="content", text="quack " * 10_000),)))

    await scene.bob.clicks(shown, "Show everything")

    assert "allow direct messages" in (await scene.told(scene.bob)).text


async def test_a_card_that_one_may_not_see_is_not_shown(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards.clear()

    await scene.bob.clicks(shown, "Show everything")

    await scene.told(scene.bob, "may see")
    assert scene.bob.modal is None


HISTORY = Page(
    title="History",
    entries=(Entry(text="run 3 · completed", detail="how large is the pond?", token="run 3"),),
    older="history before 3",
)
OLDER = Page(title="History", entries=(Entry(text="run 1 · failed"),), newer="history after 1")


async def test_a_page_in_a_dm_is_turned_by_an_edit_and_one_in_a_thread_for_the_clicker_alone(scene: Scene) -> None:
    scene.door.pages["history before 3"] = OLDER
    asked = await scene.alice.mentions(scene.pond, "history")
    direct = ConversationRef(platform="discord", channel=scene.alice.dm.id)
    public = ConversationRef(platform="discord", space=scene.discord.home.id, channel=scene.pond.id, thread=asked.id)
    await scene.platform.post(direct, HISTORY, key="k1")
    await scene.platform.post(public, HISTORY, key="k2")

    (in_dm,) = scene.discord.answers(scene.alice.dm)
    await scene.alice.clicks(in_dm, "Older")
    await scene.discord.until(lambda: "run 1" in in_dm.text)
    assert not scene.alice.ephemerals

    (in_thread,) = scene.discord.answers(scene.pond, asked)
    await scene.alice.clicks(in_thread, "Older")
    assert "run 1" in (await scene.told(scene.alice)).text
    assert "run 3" in in_thread.text
    assert all(direct for _, _, _, direct in scene.door.reads)
