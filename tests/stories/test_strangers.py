"""Who may talk: everybody else gets one polite line with their own id in it, and changes nothing, by whatever way."""

import pytest

from tests.stories.conftest import OpenWorld
from tests.stories.world import World

LINE = "add `slack:T1/UMALLORY` to MALLARD_USERS"


@pytest.mark.parametrize(
    "words", ["options debug on", "stop", "history", "pending", "run 1", "help", "Options Debug=on"]
)
async def test_a_stranger_who_uses_the_slash_command_gets_the_line_and_changes_nothing(
    world: World, words: str
) -> None:
    await world.mallory.slash("/mallard", words, where=world.pond)

    await world.slack.ephemeral(world.mallory, contains=LINE)

    assert len(world.mallory.ephemerals) == 1
    asked = await world.alice.mentions(world.pond, "options")
    assert "debug: off" in (await world.slack.message(world.pond, thread=asked)).text


async def test_a_strangers_request_by_slash_command_is_no_run(world: World) -> None:
    await world.mallory.slash("/mallard", "please work for me", where=world.pond)

    await world.slack.message(world.mallory.dm, contains=LINE)
    assert world.runs() == 0


async def test_a_stranger_sees_the_line_in_the_home_tab_once_and_nothing_else(world: World) -> None:
    await world.mallory.opens_home()

    home = await world.slack.until(lambda: world.mallory.home)
    assert home.text.count(LINE) == 1


async def test_a_stranger_who_answers_in_a_thread_of_ours_without_naming_us_hears_nothing(world: World) -> None:
    asked = await world.alice.mentions(world.pond, "hello")
    await world.slack.message(world.pond, thread=asked, contains="Done.")

    await world.mallory.says(world.pond, "what is that thing?", thread=asked)
    await world.slack.events.settled()

    assert world.runs() == 1
    assert len(world.slack.answers(world.pond, asked)) == 1


@pytest.mark.mistake(26)
@pytest.mark.parametrize("users", ["slack:T1/UALICE", "*"])
async def test_a_guest_of_a_connected_workspace_is_a_stranger_also_where_everybody_may_talk(
    world_with: OpenWorld, users: str
) -> None:
    async with world_with(MALLARD_USERS=users) as world:
        far = world.slack.person("UFAR", team="T2")
        world.pond.members.add(far.id)
        world.pond.is_shared = True

        asked = await far.mentions(world.pond, "work for me")

        line = await world.slack.message(world.pond, thread=asked)
        assert "slack:T2/UFAR" in line.text
        assert world.runs() == 0


@pytest.mark.mistake(26)
async def test_a_guest_who_is_named_with_their_workspace_may_talk_and_their_namesake_of_ours_may_not(
    world_with: OpenWorld,
) -> None:
    async with world_with(MALLARD_USERS="slack:T2/UFAR") as world:
        far = world.slack.person("UFAR", team="T2")
        world.pond.members.add(far.id)
        world.pond.is_shared = True

        asked = await far.mentions(world.pond, "work for me")
        await world.slack.message(world.pond, thread=asked, contains="Done.")

        assert str(world.store.load_run(world.run_id(1)).asked_by) == "slack:T2/UFAR"
        turned_away = await world.alice.mentions(world.pond, "and for me")
        await world.slack.message(world.pond, thread=turned_away, contains="slack:T1/UALICE")
        assert world.runs() == 1
