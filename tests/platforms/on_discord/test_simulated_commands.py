"""Slash commands and the message command, where Discord offers them, and with the rights that it gives."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from bots.discord.settings import LONGEST_TEXT
from runtime.contents import Entry, Page
from runtime.records import Reasoning, UserRef
from tests.platforms.on_discord.simulated import Simulation, simulated, texts
from tests.platforms.recording import RecordingDoor

NAMES = {"ask", "history", "pending", "run", "memories", "why", "stop", "help"}
ABOUT = "Ask Mallard about this"


@pytest.fixture
async def simulation() -> AsyncIterator[Simulation]:
    history = Page(title="History", entries=(Entry(text="run 3 · completed", token="run 3"),))
    stranger = Page(title="Mallard", entries=(), note="Hello! I do not know you yet.")
    async with simulated(RecordingDoor(pages={"history": history, "help": stranger})) as running:
        yield running


async def test_every_command_is_offered_on_servers_and_in_direct_messages(simulation: Simulation) -> None:
    assert set(simulation.ann.available_commands(simulation.pond)) == NAMES
    assert set(simulation.ann.user.available_commands()) == NAMES


@pytest.mark.promise(39)
@pytest.mark.parametrize(
    ("command", "options", "token"),
    [
        ("history", {}, "history"),
        ("pending", {}, "pending"),
        ("run", {"number": 12}, "run 12"),
        ("memories", {}, "memories"),
        ("memories", {"about": "deploys"}, "what do you remember about deploys"),
        ("why", {}, "why"),
        ("why", {"run": 12}, "why 12"),
        ("help", {}, "help"),
    ],
)
async def test_pages_answer_whoever_asked_alone(
    simulation: Simulation, command: str, options: dict[str, Any], token: str
) -> None:
    in_channel = await simulation.ann.slash(simulation.pond, command, **options)
    directly = await simulation.ann.user.slash(command, **options)

    assert [(words, direct) for words, _, _, direct in simulation.door.reads] == [(token, True)] * 2
    for result in (in_channel, directly):
        assert result.acknowledged
        assert result.response is not None
        assert result.response.ephemeral
    assert not simulation.pond.history()


async def test_a_request_stands_where_all_can_see_it_and_opens_its_thread(simulation: Simulation) -> None:
    result = await simulation.ann.slash(
        simulation.pond, "ask", request="**how** large is @everyone's pond?", reasoning="on", debug=True, reflect=False
    )

    (asked,) = simulation.door.requests
    assert asked.text == "**how** large is @everyone's pond?"
    assert (asked.by, asked.by_name) == (UserRef(platform="discord", id=str(simulation.ann.id)), "ann")
    shown = asked.shown
    assert shown is not None
    assert (shown.reasoning, shown.debug, shown.reflect) == (Reasoning.ON, True, False)
    assert (shown.where.channel, shown.where.thread) == (str(simulation.pond.id), "")
    assert (shown.direct, shown.begins_thread) == (False, True)
    assert shown.markdown == "**ann** asks:\n\\*\\*how\\*\\* large is \\@everyone's pond?"
    assert result.response is not None
    assert result.response.ephemeral
    assert "in a thread" in texts(result.response.components)


async def test_a_request_in_a_thread_or_a_direct_message_stays_there(simulation: Simulation) -> None:
    await simulation.card()
    thread = simulation.pond.threads[0]

    await simulation.ann.slash(thread, "ask", request="and now?")
    await simulation.ann.user.slash("ask", request="between us")

    asked, directly = (request.shown for request in simulation.door.requests)
    assert asked is not None
    assert directly is not None
    assert (asked.where.channel, asked.where.thread) == (str(simulation.pond.id), str(thread.id))
    assert (asked.direct, asked.begins_thread) == (False, False)
    assert (directly.where.space, directly.where.channel, directly.where.thread) == (
        "", str(simulation.ann.user.dm_channel.id), "",
    )  # fmt: skip
    assert (directly.direct, directly.begins_thread) == (True, False)


async def test_a_long_request_is_shown_in_one_message(simulation: Simulation) -> None:
    await simulation.ann.slash(simulation.pond, "ask", request="*" * 4000)

    (asked,) = simulation.door.requests
    assert asked.text == "*" * 4000
    assert asked.shown is not None
    assert len(asked.shown.markdown) < LONGEST_TEXT


async def test_a_stranger_makes_no_public_request(simulation: Simulation) -> None:
    said = await simulation.bob.send(simulation.pond, "nice weather")
    simulation.door.strangers.add(UserRef(platform="discord", id=str(simulation.ann.id)))

    for result in (
        await simulation.ann.slash(simulation.pond, "ask", request="do something"),
        await simulation.ann.context_menu(simulation.pond, ABOUT, said),
    ):
        assert result.response is not None
        assert result.response.ephemeral
        assert "I do not know you yet" in texts(result.response.components)
    assert not simulation.door.received
    assert not simulation.door.requests


async def test_where_we_may_not_write_nothing_is_asked(simulation: Simulation) -> None:
    assert simulation.env.bot.user is not None
    mute = discord.PermissionOverwrite(send_messages=False)
    quiet = simulation.guild.create_text_channel("quiet", overwrites={simulation.env.bot.user: mute})
    said = await simulation.ann.send(quiet, "psst")

    for result in (
        await simulation.ann.slash(quiet, "ask", request="do something"),
        await simulation.ann.context_menu(quiet, ABOUT, said),
    ):
        assert result.response is not None
        assert result.response.ephemeral
        assert "may not write" in texts(result.response.components)
    assert not simulation.door.received
    assert not simulation.door.requests


@pytest.mark.promise(29)
async def test_stop_means_the_thread_in_a_thread_and_all_of_the_channel_outside(simulation: Simulation) -> None:
    await simulation.card()
    thread = simulation.pond.threads[0]

    await simulation.ann.slash(thread, "stop")
    result = await simulation.ann.slash(simulation.pond, "stop")

    (in_thread, _), (outside, _) = simulation.door.stops
    assert in_thread.thread == str(thread.id)
    assert (outside.channel, outside.thread) == (str(simulation.pond.id), "")
    assert simulation.door.stopped_all == [False, True]
    assert result.response is not None
    assert "Run 1 was stopped" in texts(result.response.components)


@pytest.mark.promise(23)
async def test_a_message_is_handed_over_with_its_text_and_answered_in_its_thread(simulation: Simulation) -> None:
    said = await simulation.bob.send(simulation.pond, f"the pond leaks, says {simulation.ann.mention}")

    result = await simulation.ann.context_menu(simulation.pond, ABOUT, said)

    (heard,) = simulation.door.received
    assert heard.text == "the pond leaks, says @ann"
    assert heard.author_name == "ann"
    assert heard.where.thread == str(said.id)
    assert heard.id != str(said.id)
    assert result.response is not None
    assert result.response.ephemeral
    assert "thread" in texts(result.response.components)


async def test_a_message_without_words_is_no_request(simulation: Simulation) -> None:
    said = await simulation.bob.send(simulation.pond, f"<@{simulation.hall.identity.user}>")

    simulation.door.received.clear()
    result = await simulation.ann.context_menu(simulation.pond, ABOUT, said)

    assert result.response is not None
    assert "no text" in texts(result.response.components)
    assert not simulation.door.received
    assert not simulation.door.requests


async def test_a_message_that_is_forwarded_to_us_is_its_words(simulation: Simulation) -> None:
    said = await simulation.bob.send(simulation.pond, "the pond leaks")

    await simulation.ann.forward(said, simulation.ann.user.dm_channel)

    (heard,) = simulation.door.received
    assert (heard.text, heard.direct) == ("the pond leaks", True)
    assert heard.author.id == str(simulation.ann.id)


@pytest.mark.mistake(3)
async def test_a_door_in_trouble_is_no_silence(simulation: Simulation) -> None:
    simulation.door.trouble.append(OSError("no disk"))

    result = await simulation.ann.slash(simulation.pond, "history")

    assert result.response is not None
    assert "did not work" in texts(result.response.components)


@pytest.mark.promise(20)
async def test_a_server_that_is_not_served_is_told_so_and_not_listened_to() -> None:
    door = RecordingDoor()
    async with simulated(door, guilds=frozenset({"1"})) as simulation:
        await simulation.asks("do something")
        result = await simulation.ann.slash(simulation.pond, "ask", request="do something")
        directly = await simulation.ann.user.slash("history")

    assert not door.received
    assert not door.requests
    assert result.response is not None
    assert result.response.ephemeral
    assert "not work on this server" in texts(result.response.components)
    assert directly.response is not None
    assert [words for words, _, _, _ in door.reads] == ["history"]
