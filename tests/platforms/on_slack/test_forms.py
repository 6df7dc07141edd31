"""What opens in front of a clicker: the form for a reason or a wish, and the whole card."""

import pytest

from runtime.agent import Outcome
from runtime.contents import Argument
from runtime.door import Settlement
from tests.platforms.on_slack.scenes import Scene
from tests.platforms.samples import card, decided


@pytest.mark.promise(21)
async def test_deny_asks_for_a_reason_and_brings_it(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Deny")
    form = await scene.slack.until(lambda: scene.bob.modal)
    receipt = await scene.bob.submits(form, {"Reason": "too early"})
    clicked = await scene.door.clicked()

    assert form.payload["private_metadata"] == "pond.7.deny"
    assert receipt.acked
    assert clicked.token == "pond.7.deny"
    assert clicked.comment == "too early"
    assert clicked.where.channel == scene.pond.id
    assert (await scene.told(scene.bob)).thread_ts == shown.thread_ts


async def test_a_reason_may_be_left_out_and_wishes_may_not(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Deny")
    await scene.bob.submits(await scene.slack.until(lambda: scene.bob.modal))
    assert (await scene.door.clicked()).comment == ""

    await scene.bob.clicks(shown, "Change…")
    form = await scene.slack.until(lambda: scene.bob.modal)
    assert not form.inputs[0].block.get("optional")
    await scene.bob.submits(form, {"What should be different?": "only the small pond"})
    assert (await scene.door.clicked(2)).comment == "only the small pond"


async def test_a_deny_whose_form_cannot_be_opened_denies_without_a_reason(scene: Scene) -> None:
    shown = await scene.card()
    scene.slack.fail("views.open", "expired_trigger_id")

    await scene.bob.clicks(shown, "Deny")

    clicked = await scene.door.clicked()
    assert (clicked.token, clicked.comment) == ("pond.7.deny", "")
    await scene.told(scene.bob)


@pytest.mark.mistake(10)
async def test_a_form_for_what_was_decided_meanwhile_is_not_opened(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards["pond.7.deny"] = decided()
    words = "Already approved by alice."
    scene.door.settlement = Settlement(outcome=Outcome.ALREADY_DECIDED, words=words, card=decided())

    await scene.bob.clicks(shown, "Deny")

    assert (await scene.told(scene.bob)).text == words
    assert scene.bob.modal is None


@pytest.mark.promise(13)
async def test_show_everything_opens_the_whole_card_for_the_clicker(scene: Scene) -> None:
    long_text = "\n".join(f"line {number}" for number in range(3_000))
    shown = await scene.card(card(arguments=(Argument(name="content", text=long_text),)))
    assert "line 2999" not in shown.text

    await scene.bob.clicks(shown, "Show everything")
    view = await scene.slack.until(lambda: scene.bob.modal)

    assert "line 2999" in view.text
    assert not scene.door.clicks


@pytest.mark.promise(12)
@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_what_no_modal_has_room_for_comes_whole_as_a_file_in_the_clickers_dm(scene: Scene) -> None:
    huge = "pond & <water> 🦆 " * 60_000
    shown = await scene.card(card(arguments=(Argument(name="content", text=huge),)))

    await scene.bob.clicks(shown, "Show everything")
    handed = await scene.slack.message(scene.bob.dm, contains="approval-7.txt")

    assert huge in handed.files[0].text
    await scene.slack.until(lambda: scene.bob.modal)


async def test_a_card_that_one_may_not_see_is_not_shown(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards.clear()

    await scene.bob.clicks(shown, "Show everything")

    await scene.told(scene.bob, "may see")
    assert scene.bob.modal is None
