"""The loopback Discord against the real discord.py: what people do, and what comes of it."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from tests.fakes.discord import render
from tests.fakes.discord.botapp import NONE, Form, Pond, Shown, code_of, pond_with_bot

CARD: list[dict[str, Any]] = [
    {
        "type": 17,
        "id": 123456789,
        "accent_color": 0xE67E22,
        "components": [
            {"type": 10, "content": "May I delete **everything**?"},
            {
                "type": 1,
                "components": [
                    {"type": 2, "style": 3, "label": "Approve", "custom_id": "mallard:7.approve"},
                    {"type": 2, "style": 4, "label": "Deny", "custom_id": "mallard:7.deny"},
                ],
            },
        ],
    }
]
DECIDED: list[dict[str, Any]] = [{"type": 17, "id": 123456789, "components": [{"type": 10, "content": "Approved"}]}]
REASON: dict[str, Any] = {
    "title": "Why?",
    "custom_id": "mallard:form:7.deny",
    "components": [
        {"type": 10, "content": "about *everything*"},
        {
            "type": 18,
            "label": "Reason",
            "description": "told to the agent",
            "component": {"type": 4, "style": 2, "custom_id": "words", "required": True, "max_length": 3000},
        },
    ],
}


@pytest.fixture
async def pond() -> AsyncIterator[Pond]:
    async with pond_with_bot() as pond:
        yield pond
        pond.discord.check_clean()


async def test_a_mention_is_answered_in_a_thread_of_its_own(pond: Pond) -> None:
    async def answer(message: discord.Message) -> None:
        thread = await message.create_thread(name="may I")
        await thread.send(view=Shown({"type": 10, "content": "quack"}))

    pond.bot.heard = answer
    asked = await pond.alice.mentions(pond.channel, "hello")
    answered = await pond.discord.message(pond.channel, thread=asked, contains="quack")
    thread = pond.discord.thread_of(asked)
    assert thread is not None
    assert (thread.id, thread.name, answered.channel) == (asked.id, "may I", asked.id)
    assert render(answered, author="mallard") == "mallard\n│ quack"
    assert asked.pings == (pond.discord.bot.mention,)
    assert answered.pings == ()


async def test_a_card_a_click_a_modal_and_the_changed_card(pond: Pond) -> None:
    async def decided(interaction: discord.Interaction[Any]) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.send_modal(Form(REASON))
            return
        await interaction.response.defer()
        assert interaction.message is not None
        await interaction.message.edit(view=Shown(*DECIDED), allowed_mentions=NONE)
        await interaction.followup.send(view=Shown({"type": 10, "content": "noted"}), ephemeral=True)

    pond.bot.asked = decided
    sent = await pond.bot.at(pond.channel).send(view=Shown(*CARD), nonce="deadbeef.7")
    card = await pond.discord.message(pond.channel, contains="May I delete")
    assert (card.labels, card.accent) == (["Approve", "Deny"], 0xE67E22)
    assert isinstance(sent.components[0], discord.Container)
    assert sent.components[0].id == 123456789

    click = await pond.alice.clicks(card, "Deny")
    assert click.acked
    assert pond.alice.modal is not None
    assert pond.alice.modal.text == "Why?\nabout *everything*\nReason · told to the agent: […]"
    with pytest.raises(AssertionError, match="'Reason' must be filled in"):
        await pond.alice.submits({"Reason": ""})
    assert (await pond.alice.submits({"Reason": "because"})).deferred
    assert pond.alice.modal is None
    await pond.discord.until(lambda: card.text == "Approved")
    noted = await pond.discord.ephemeral(pond.alice, contains="noted")
    assert pond.alice.sees(pond.channel) == [card, noted]
    assert pond.discord.owner.sees(pond.channel) == [card]
    assert card.labels == []


async def test_a_dm_reaches_the_bot_without_a_guild(pond: Pond) -> None:
    said = await pond.alice.dms("quack?")
    [message] = await pond.heard()
    assert (message.id, message.content, message.guild) == (int(said.id), "quack?", None)
    assert isinstance(message.channel, discord.DMChannel)
    await message.channel.send("quack")
    await pond.discord.message(pond.alice.dm, contains="quack")


async def test_the_same_nonce_is_the_same_message(pond: Pond) -> None:
    first = await pond.bot.at(pond.channel).send("one", nonce="deadbeef.1")
    again = await pond.bot.at(pond.channel).send("two", nonce="deadbeef.1")
    assert (again.id, again.content) == (first.id, "one")
    pond.discord.clock.advance(pond.discord.state.nonce_memory + 1)
    later = await pond.bot.at(pond.channel).send("three", nonce="deadbeef.1")
    assert later.id != first.id
    await later.delete()
    assert await code_of(pond.bot.at(pond.channel).send("four", nonce="deadbeef.1")) == 10008
    [said] = pond.discord.answers(pond.channel)
    assert said.text == "one"
