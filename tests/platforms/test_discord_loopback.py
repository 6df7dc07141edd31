"""The loopback Discord against the real discord.py: what people do, and what comes of it."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from tests.fakes.capture import capture_for
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
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_bot(capture=capture_for(request.config, "discord")) as pond:
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


async def test_an_old_client_can_still_click(pond: Pond) -> None:
    seen = []

    async def pressed(interaction: discord.Interaction[Any]) -> None:
        assert interaction.data is not None
        assert interaction.message is not None
        [container] = interaction.message.components
        assert isinstance(container, discord.Container)
        seen.append((interaction.data.get("custom_id"), len(container.children)))
        await interaction.response.defer()

    pond.bot.asked = pressed
    sent = await pond.bot.at(pond.channel).send(view=Shown(*CARD))
    card = await pond.discord.message(pond.channel)
    old = card.snapshot()
    await sent.edit(view=Shown(*DECIDED), allowed_mentions=NONE)
    with pytest.raises(AssertionError, match="nothing called 'Approve'"):
        await pond.alice.clicks(card, "Approve")
    assert (await pond.alice.clicks(old, "Approve")).acked
    assert seen == [("mallard:7.approve", 1)]
    assert [content.text for content in card.past] == [old.text]


async def test_an_ephemeral_page_is_turned_by_the_click_on_it(pond: Pond) -> None:
    async def paged(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        if interaction.message and interaction.message.flags.ephemeral:
            await interaction.edit_original_response(
                view=Shown({"type": 10, "content": "page 2"}), allowed_mentions=NONE
            )
        else:
            await interaction.followup.send(view=Shown(*CARD), ephemeral=True)

    pond.bot.asked = paged
    await pond.bot.at(pond.channel).send(view=Shown(*CARD))
    await pond.alice.clicks(await pond.discord.message(pond.channel), "Approve")
    page = await pond.discord.ephemeral(pond.alice, contains="May I")
    with pytest.raises(AssertionError, match="does not see"):
        await pond.discord.owner.clicks(page, "Approve")
    await pond.alice.clicks(page, "Approve")
    await pond.discord.until(lambda: page.text == "page 2")
    assert page.is_ephemeral


async def test_commands_are_told_once_and_used(pond: Pond) -> None:
    @pond.bot.tree.command(name="ask", description="Ask")
    @discord.app_commands.choices(reasoning=[discord.app_commands.Choice(name=n, value=n) for n in ("on", "off")])
    async def ask(
        interaction: discord.Interaction[Any],
        request: discord.app_commands.Range[str, 1, 20],
        reasoning: str | None = None,
        debug: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content=f"{request} {reasoning} {debug}")

    @pond.bot.tree.context_menu(name="Ask about this")
    async def about(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"about {message.content}")

    await pond.bot.tree.sync()
    told = [(c["name"], c["type"], c["contexts"]) for c in pond.discord.state.commands[None]]
    assert told == [("ask", 1, [0, 1]), ("Ask about this", 3, [0, 1])]

    receipt = await pond.alice.slash("ask", pond.channel, request="why", reasoning="on", debug=True)
    assert receipt.deferred
    await pond.discord.ephemeral(pond.alice, contains="why on True")
    assert pond.discord.answers(pond.channel) == []
    for wrong, words in (
        ({}, "needs request"),
        ({"request": "x" * 21}, "1 to 20"),
        ({"request": "x", "reasoning": "no"}, "one of"),
    ):
        with pytest.raises(AssertionError, match=words):
            await pond.alice.slash("ask", pond.channel, **wrong)
    await pond.alice.slash("ask", request="in a dm")
    assert (await pond.discord.ephemeral(pond.alice, contains="in a dm")).channel == pond.alice.dm.id

    said = await pond.discord.owner.says(pond.channel, "ducks")
    await pond.alice.about(said, "Ask about this")
    answer = await pond.discord.message(pond.channel, contains="about ducks")
    assert (answer.type, answer.asked_by and answer.asked_by["user"]["id"]) == (23, pond.alice.id)


async def test_a_menu_is_chosen_from(pond: Pond) -> None:
    async def chosen(interaction: discord.Interaction[Any]) -> None:
        picked: Any = interaction.data
        await interaction.response.send_message(view=Shown({"type": 10, "content": f"so: {picked['values']}"}))

    pond.bot.asked = chosen
    options = [{"label": name.title(), "value": name} for name in ("duck", "goose")]
    menu = {"type": 3, "custom_id": "bird", "placeholder": "Which bird?", "options": options}
    await pond.bot.at(pond.channel).send(view=Shown({"type": 1, "components": [menu]}))
    asked = await pond.discord.message(pond.channel)
    assert asked.text == "[Which bird?]"
    await pond.alice.selects(asked, "Which bird?", "Goose")
    await pond.discord.message(pond.channel, contains="so: ['goose']")
    button = {"type": 2, "style": 3, "label": "Yes", "custom_id": "yes", "disabled": True}
    link = {"type": 2, "style": 5, "label": "Look", "url": "https://x.y/z"}
    await pond.bot.at(pond.channel).send(view=Shown({"type": 1, "components": [button, link]}))
    last = pond.discord.messages(pond.channel)[-1]
    for name, words in (("Yes", "disabled"), ("Look", "never hears")):
        with pytest.raises(AssertionError, match=words):
            await pond.alice.clicks(last, name)


async def test_what_stands_in_a_message_can_be_read_as_a_picture(pond: Pond) -> None:
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "run 7"}],
        "accessory": CARD[0]["components"][1]["components"][0],
    }
    image = {"media": {"url": "https://x.y/z.png"}, "description": "a duck"}
    parts = [section, {"type": 14}, {"type": 12, "items": [image]}]
    await pond.bot.at(pond.channel).send(view=Shown({"type": 17, "accent_color": 0x3BA55D, "components": parts}))
    [shown] = pond.discord.messages(pond.channel)
    picture = "\n".join(["mallard · #3ba55d", "│ run 7", "│ [Approve]", "│ ---", "│ [image: a duck]"])
    assert render(shown, author="mallard") == picture
    assert pond.discord.picture(pond.channel) == "pond: " + picture
    assert render(shown.snapshot(), author="an old client").splitlines()[0] == "an old client"
