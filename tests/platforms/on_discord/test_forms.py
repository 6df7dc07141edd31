"""Forms that a click opens: for a reason or for wishes."""

import pytest

from runtime.agent import Outcome
from runtime.door import Settlement
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.on_discord.scenes import Scene
from tests.platforms.on_discord.test_clicks import CALLBACK
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import decided


@pytest.mark.promise(21)
async def test_deny_asks_for_a_reason_and_brings_it(scene: Scene) -> None:
    shown = await scene.card()

    receipt = await scene.bob.clicks(shown, "Deny")
    assert receipt.modal is not None
    sent = await scene.bob.submits({"Reason": "too early"})
    clicked = await scene.door.clicked()

    assert sent.acked
    assert (clicked.token, clicked.comment) == ("pond.7.deny", "too early")
    assert clicked.where.thread == shown.channel
    assert (await scene.told(scene.bob)).channel == shown.channel


async def test_a_reason_may_be_left_out_and_wishes_may_not(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Deny")
    await scene.bob.submits()
    assert (await scene.door.clicked()).comment == ""

    await scene.bob.clicks(shown, "Change…")
    assert scene.bob.modal is not None
    assert scene.bob.modal.inputs[0].element["required"]
    await scene.bob.submits({"What should be different?": "only the small pond"})
    assert (await scene.door.clicked(2)).comment == "only the small pond"


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_form_that_an_earlier_process_opened_is_sent_off_in_this_one(
    discord: Discord, door: RecordingDoor
) -> None:
    async with started(discord, door) as platform:
        scene = Scene(discord, platform, door)
        await scene.bob.clicks(await scene.card(), "Deny")
    async with started(discord, door):
        receipt = await scene.bob.submits({"Reason": "too early"})

        assert receipt.acked
        assert ((await door.clicked()).token, door.clicks[0].comment) == ("pond.7.deny", "too early")
        await scene.told(scene.bob)


async def test_a_deny_whose_form_cannot_be_opened_denies_without_a_reason(scene: Scene) -> None:
    shown = await scene.card()
    scene.discord.fail(CALLBACK, 50035, when=lambda call: call["type"] == 9)

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
