"""What follows an answer on the loopback Discord: with the interaction's token, and for its own messages alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.capture import capture_for
from tests.fakes.discord import Message
from tests.fakes.discord.botapp import Pond, Shown, pond_with_bot
from tests.fakes.discord.rawclient import Raw, clicked, raw_client

Json = dict[str, Any]
CARD: Json = {
    "type": 17,
    "components": [
        {"type": 10, "content": "May I?"},
        {"type": 1, "components": [{"type": 2, "style": 3, "label": "Yes", "custom_id": "yes"}]},
    ],
}
TEXT: Json = {"type": 10, "content": "quack"}
SILENT: Json = {"allowed_mentions": {"parse": []}}
EPHEMERAL, V2 = 64, 1 << 15


@pytest.fixture
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_bot(capture=capture_for(request.config, "discord")) as pond:
        yield pond


@pytest.fixture
async def raw(pond: Pond) -> AsyncIterator[Raw]:
    async with raw_client(pond.discord) as raw:
        yield raw


@pytest.fixture
async def card(pond: Pond) -> Message:
    await pond.bot.at(pond.channel).send(view=Shown(CARD))
    return pond.discord.messages(pond.channel)[0]


async def test_an_ephemeral_message_is_reached_by_its_token_alone(pond: Pond, raw: Raw, card: Message) -> None:
    click = await clicked(pond.discord, raw, pond.alice, card)
    await click.answer(4, {"content": "psst", "flags": EPHEMERAL, **SILENT})
    [whisper] = pond.alice.ephemerals
    there = f"/channels/{pond.channel.id}/messages"
    assert await raw.refused("GET", f"{there}/{whisper.id}") == 10008
    assert await raw.refused("PATCH", f"{there}/{whisper.id}", {"content": "loud", **SILENT}) == 10008
    assert whisper.id not in [m["id"] for m in (await raw.call("GET", there))[1]]
    assert (await click.follow("PATCH", "/messages/@original", {"content": "hush", **SILENT}))[0] == 200
    assert whisper.text == "hush"
    assert (await click.follow("DELETE", f"/messages/{whisper.id}"))[0] == 204
    assert pond.alice.ephemerals == []


async def test_what_says_nothing_of_mentions_is_a_lapse_wherever_it_is_said(
    pond: Pond, raw: Raw, card: Message
) -> None:
    loud: Json = {"content": f"{pond.alice.mention} look"}
    click = await clicked(pond.discord, raw, pond.alice, card)
    await click.answer(4, loud)
    _, followed = await click.follow(body=loud)
    await click.follow("PATCH", f"/messages/{followed['id']}", {"content": "again"})
    other = await clicked(pond.discord, raw, pond.alice, card)
    await other.answer(7, {"flags": V2, "components": [TEXT]})
    assert [lapse.split(": ")[0] for lapse in pond.discord.lapses] == [
        "POST /interactions/{interaction}/{token}/callback",
        "POST /webhooks/{application}/{token}",
        "PATCH /webhooks/{application}/{token}/messages/{message}",
        "POST /interactions/{interaction}/{token}/callback",
    ]
    assert [bool(message.pings) for message in pond.discord.messages(pond.channel)] == [False, True, False]
    assert pond.discord.violations == []


async def test_a_token_reaches_the_messages_of_its_own_interaction_alone(pond: Pond, raw: Raw, card: Message) -> None:
    first = await clicked(pond.discord, raw, pond.alice, card)
    await first.answer(4, {"content": "one", **SILENT})
    second = await clicked(pond.discord, raw, pond.alice, card)
    await second.answer(6)
    mine = (await first.follow("GET", "/messages/@original"))[1]["id"]
    assert (await second.follow("GET", f"/messages/{mine}"))[1]["code"] == 10008
    assert (await second.follow("GET", "/messages/@original"))[1]["id"] == card.id
    assert (await first.follow("DELETE", f"/messages/{mine}"))[0] == 204
    assert (await first.follow("GET", "/messages/@original"))[1]["code"] == 10008


async def test_an_answer_is_described_only_to_whom_asks(pond: Pond, raw: Raw, card: Message) -> None:
    click = await clicked(pond.discord, raw, pond.alice, card)
    path = f"/interactions/{click.interaction.id}/{click.interaction.token}/callback"
    assert await raw.call("POST", path, {"type": 6}) == (204, None)
    assert (await click.receipt).deferred
