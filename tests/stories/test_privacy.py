"""Promises 30 and 39: people see their own runs and those of conversations they are in, and no more."""

import pytest

from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.fakes.slack.person import Person
from tests.stories.world import World


async def reads(world: World, person: Person, words: str) -> str:
    """What the bot says to these words in private."""
    asked = await person.dms(words)
    pages = await world.slack.until(lambda: world.slack.answers(person.dm, asked))
    return pages[-1].text


@pytest.mark.promise(30)
async def test_a_private_run_is_in_nobody_elses_history(world: World) -> None:
    asked = await world.alice.dms("my secret plan")
    await world.slack.message(world.alice.dm, thread=asked, contains="Done.")

    assert "my secret plan" in await reads(world, world.alice, "history")
    assert "my secret plan" not in await reads(world, world.bob, "history")
    assert "my secret plan" in await reads(world, world.carol, "history")


@pytest.mark.promise(30)
async def test_a_channels_run_is_seen_by_those_who_are_in_the_channel_now(world: World) -> None:
    private = world.slack.channel("burrow", members=[world.alice, world.bob], kind="group")
    asked = await world.alice.mentions(private, "dig here")
    await world.slack.message(private, thread=asked, contains="Done.")
    assert "dig here" in await reads(world, world.bob, "history")

    world.bob.leaves(private)
    await world.time_passes(minutes=6)

    assert "dig here" not in await reads(world, world.bob, "history")
    assert "no such run" in await reads(world, world.bob, "run 1")


@pytest.mark.promise(30)
async def test_membership_that_cannot_be_asked_shows_nothing(world: World) -> None:
    private = world.slack.channel("burrow", members=[world.alice, world.bob], kind="group")
    asked = await world.alice.mentions(private, "dig here")
    await world.slack.message(private, thread=asked, contains="Done.")

    world.slack.fail("conversations.members", status=503)

    assert "dig here" not in await reads(world, world.bob, "history")


@pytest.mark.promise(30)
async def test_history_asked_in_a_channel_shows_that_conversation_alone(world: World) -> None:
    secret = await world.alice.dms("my secret plan")
    await world.slack.message(world.alice.dm, thread=secret, contains="Done.")

    asked = await world.alice.mentions(world.pond, "history")

    page = await world.slack.message(world.pond, thread=asked, contains="History")
    assert "my secret plan" not in page.text


@pytest.mark.promise(39)
async def test_what_ran_and_who_approved_it_is_answered_in_private(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command="echo hello")))
    await world.alice.mentions(world.pond, "say hello to the machine")
    await world.bob.clicks(await world.card(), "Approve")
    await world.run(1, RunStatus.COMPLETED)

    timeline = await reads(world, world.alice, "run 1")

    assert "shell_exec_safe" in timeline
    assert "approve by bob (UBOB)" in timeline


async def test_a_stranger_gets_one_polite_line_with_their_id(world: World) -> None:
    asked = await world.mallory.mentions(world.pond, "let me in")

    line = await world.slack.message(world.pond, thread=asked, contains="slack:T1/UMALLORY")

    assert "MALLARD_USERS" in line.text
    assert world.runs() == 0
    assert len(world.slack.answers(world.pond, asked)) == 1
