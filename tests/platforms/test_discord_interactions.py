"""Three seconds, fifteen minutes, one answer: how the loopback Discord holds the rules of interactions."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from tests.fakes.discord import Message
from tests.fakes.discord.botapp import NONE, Form, Pond, Shown, code_of, pond_with_bot
from tests.fakes.discord.rawclient import Raw, Unanswered, clicked, raw_client

Json = dict[str, Any]
CARD: Json = {
    "type": 17,
    "components": [
        {"type": 10, "content": "May I?"},
        {"type": 1, "components": [{"type": 2, "style": 3, "label": "Yes", "custom_id": "yes"}]},
    ],
}
FORM: Json = {
    "title": "Why?",
    "custom_id": "form",
    "components": [{"type": 18, "label": "Reason", "component": {"type": 4, "style": 1, "custom_id": "words"}}],
}
TEXT: Json = {"type": 10, "content": "quack"}
SILENT: Json = {"allowed_mentions": {"parse": []}}
EPHEMERAL, V2 = 64, 1 << 15


@pytest.fixture
async def pond() -> AsyncIterator[Pond]:
    async with pond_with_bot() as pond:
        yield pond


@pytest.fixture
async def raw(pond: Pond) -> AsyncIterator[Raw]:
    async with raw_client(pond.discord) as raw:
        yield raw


@pytest.fixture
async def card(pond: Pond) -> Message:
    await pond.bot.at(pond.channel).send(view=Shown(CARD))
    return pond.discord.messages(pond.channel)[0]


async def submitted(pond: Pond, raw: Raw, card: Message, *, patience: float = 3.0) -> Unanswered:
    click = await clicked(pond.discord, raw, pond.alice, card)
    await click.answer(9, FORM)
    await click.receipt
    pond.discord.interactions.patience = patience
    submitting = asyncio.get_running_loop().create_task(pond.alice.submits({"Reason": "so"}))
    await pond.discord.until(lambda: len(pond.discord.interactions.all) > 1)
    return Unanswered(pond.discord, raw, submitting)


async def test_an_answer_after_three_seconds_is_too_late(pond: Pond, card: Message) -> None:
    codes = []

    async def slow(interaction: discord.Interaction[Any]) -> None:
        pond.discord.clock.advance(3.1)
        codes.append(await code_of(interaction.response.defer()))

    pond.bot.asked = slow
    receipt = await pond.alice.clicks(card, "Yes")
    assert (receipt.acked, receipt.failure) == (False, "This interaction failed")
    await pond.discord.until(lambda: codes)
    assert codes == [10062]
    pond.discord.check_clean()


async def test_people_do_not_wait_longer_than_their_patience(pond: Pond, raw: Raw, card: Message) -> None:
    pond.discord.interactions.patience = 0.02
    click = await clicked(pond.discord, raw, pond.alice, card)
    assert not (await click.receipt).acked
    assert (await click.answer(6))[1]["code"] == 10062


async def test_a_slow_answer_is_a_lapse(pond: Pond, raw: Raw, card: Message) -> None:
    click = await clicked(pond.discord, raw, pond.alice, card)
    click.interaction.waited(2.5)
    await click.answer(6)
    assert (await click.receipt).acked
    assert ["answered after 2.5 s" in lapse for lapse in pond.discord.lapses] == [True]


async def test_an_interaction_has_one_answer(pond: Pond, raw: Raw, card: Message) -> None:
    click = await clicked(pond.discord, raw, pond.alice, card)
    assert (await click.answer(6))[0] == 200
    assert (await click.answer(6)) == (400, {"message": "Interaction has already been acknowledged.", "code": 40060})
    click.interaction.token = "guessed"
    assert (await click.answer(6))[1]["code"] == 10062


async def test_the_token_lasts_fifteen_minutes(pond: Pond, card: Message) -> None:
    async def late(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        pond.discord.clock.advance(14 * 60)
        await interaction.followup.send("in time", ephemeral=True)
        pond.discord.clock.advance(61)
        codes.append(await code_of(interaction.followup.send("too late", ephemeral=True)))
        codes.append(await code_of(interaction.edit_original_response(content="too late")))
        await card_again(interaction)

    async def card_again(interaction: discord.Interaction[Any]) -> None:
        assert interaction.message is not None
        await (
            pond.bot.at(pond.channel)
            .get_partial_message(interaction.message.id)
            .edit(view=Shown(TEXT), allowed_mentions=NONE)
        )

    codes: list[int] = []
    pond.bot.asked = late
    await pond.alice.clicks(card, "Yes")
    await pond.discord.until(lambda: card.text == "quack")
    assert codes == [50027, 50027]
    assert [m.text for m in pond.alice.ephemerals] == ["in time"]
    pond.discord.check_clean()


async def test_nothing_follows_what_was_not_answered(pond: Pond, raw: Raw, card: Message) -> None:
    click = await clicked(pond.discord, raw, pond.alice, card)
    assert (await click.follow(body={"content": "hi", **SILENT}))[1]["code"] == 10015
    await click.answer(6)
    assert (await click.follow(body={"content": "hi", **SILENT}))[0] == 200
    assert (await click.follow("GET", "/messages/404"))[1]["code"] == 10008


@pytest.mark.parametrize(
    ("kind", "data", "pointer"),
    [
        (3, None, "type"),
        (8, {"choices": []}, "type"),
        (4, {"content": "a" * 2001}, "data"),
        (4, {"content": "a", "colour": "green"}, "data"),
        (4, {"content": "a", "flags": 1 << 5}, "data"),
        (4, {"flags": V2, "components": [TEXT], "content": "a"}, "data"),
        (4, {"flags": V2, "components": [{"type": 99}]}, "data"),
        (5, {"content": "a"}, "data"),
        (5, {"flags": V2}, "data"),
        (7, {"flags": 0, "components": [TEXT]}, "data"),
        (9, {**FORM, "title": "t" * 46}, "data"),
        (9, {**FORM, "components": []}, "data"),
        (9, None, "data"),
    ],
)
async def test_a_malformed_answer_is_a_violation(
    pond: Pond, raw: Raw, card: Message, kind: int, data: Any, pointer: str
) -> None:
    click = await clicked(pond.discord, raw, pond.alice, card)
    status, answer = await click.answer(kind, {**SILENT, **data} if data and kind in (4, 7) else data)
    assert (status, answer["code"], list(answer["errors"])) == (400, 50035, [pointer])
    assert [violation.error for violation in pond.discord.record.violations] == ["50035"]
    assert not click.receipt.done()
    assert (await click.answer(6))[0] == 200
    await click.receipt


async def test_a_submission_is_not_answered_with_a_modal(pond: Pond, raw: Raw, card: Message) -> None:
    submission = await submitted(pond, raw, card)
    assert (await submission.answer(9, FORM))[1]["errors"]["type"]
    assert pond.alice.modal is not None
    status, answer = await submission.answer(7, {"flags": V2, "components": [TEXT], **SILENT})
    assert (status, answer["resource"]["message"]["id"]) == (200, card.id)
    await submission.receipt
    assert card.text == "quack"
    assert pond.alice.modal is None


async def test_a_modal_stays_open_when_nobody_answers(pond: Pond, raw: Raw, card: Message) -> None:
    submission = await submitted(pond, raw, card, patience=0.02)
    assert not (await submission.receipt).acked
    assert pond.alice.modal is not None
    assert pond.alice.modal.trouble == "Something went wrong. Try again."


async def test_a_command_has_no_message_to_change(pond: Pond, raw: Raw) -> None:
    pond.discord.state.commands[None] = [{"id": "1", "name": "ask", "type": 1, "description": "Ask"}]
    asking = asyncio.get_running_loop().create_task(pond.alice.slash("ask", pond.channel))
    await pond.discord.until(lambda: pond.discord.interactions.all)
    click = Unanswered(pond.discord, raw, asking)
    for kind in (6, 7):
        assert list((await click.answer(kind, {"content": "a"} if kind == 7 else None))[1]["errors"]) == ["type"]
    status, answer = await click.answer(5, {"flags": EPHEMERAL})
    assert (status, answer["interaction"]["response_message_loading"]) == (200, True)
    [waiting] = pond.alice.ephemerals
    assert waiting.is_loading
    loud = {"flags": V2, "components": [TEXT], **SILENT}
    assert (await click.follow(body=loud))[1]["id"] == waiting.id
    assert (waiting.is_loading, waiting.is_ephemeral, waiting.text) == (False, True, "quack")
    assert (await click.follow(body=loud))[1]["id"] != waiting.id
    assert [m.is_ephemeral for m in pond.alice.sees(pond.channel)] == [True, False]


async def test_a_click_while_nobody_is_there_fails_at_once(pond: Pond, card: Message) -> None:
    await pond.bot.close()
    await pond.discord.until(lambda: not pond.discord.gateway.connected)
    pond.discord.clock.advance(181)  # until then the session might be resumed, and the click be heard
    receipt = await pond.alice.clicks(card, "Yes")
    assert (receipt.acked, receipt.failure) == (False, "The application did not respond")


async def test_a_modal_of_the_library_is_taken(pond: Pond, card: Message) -> None:
    async def asked(interaction: discord.Interaction[Any]) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.send_modal(Form(FORM))
        else:
            assert interaction.data is not None
            submitted: Any = interaction.data
            words.append(submitted["components"][0]["component"]["value"])
            await interaction.response.edit_message(view=Shown(TEXT))

    words: list[str] = []
    pond.bot.asked = asked
    await pond.alice.clicks(card, "Yes")
    await pond.alice.submits({"words": "so be it"})
    assert (words, card.text) == (["so be it"], "quack")
    pond.discord.lapses.clear()  # the library's edit_message says nothing of mentions when told nothing
    pond.discord.check_clean()
