"""Promise 30 on Slack: administrators may see all, and where Slack does not say who may, nobody may."""

import pytest

from tests.fakes.slack.person import Person
from tests.stories.world import World


async def reads(world: World, person: Person, words: str) -> str:
    """What the bot says to these words in private."""
    asked = await person.dms(words)
    pages = await world.slack.until(lambda: world.slack.answers(person.dm, asked))
    return pages[-1].text


@pytest.mark.promise(30)
async def test_an_administrator_sees_a_private_run(world: World) -> None:
    asked = await world.alice.dms("my secret plan")
    await world.slack.message(world.alice.dm, thread=asked, contains="Done.")

    assert "my secret plan" in await reads(world, world.carol, "history")


@pytest.mark.promise(30)
async def test_membership_that_cannot_be_asked_shows_nothing(world: World) -> None:
    private = world.slack.channel("burrow", members=[world.alice, world.bob], kind="group")
    asked = await world.alice.mentions(private, "dig here")
    await world.slack.message(private, thread=asked, contains="Done.")

    world.slack.fail("conversations.members", status=503)

    assert "dig here" not in await reads(world, world.bob, "history")


async def test_a_stranger_gets_one_polite_line_with_their_id(world: World) -> None:
    asked = await world.mallory.mentions(world.pond, "let me in")

    line = await world.slack.message(world.pond, thread=asked, contains="slack:T1/UMALLORY")

    assert "MALLARD_USERS" in line.text
    assert world.runs() == 0
    assert len(world.slack.answers(world.pond, asked)) == 1
