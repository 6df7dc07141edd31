"""Who may talk: everybody else gets one polite line with their own id in it, and changes nothing, by whatever way."""

import pytest

from runtime.proposals import RunQuery
from runtime.records import RunId
from tests.fakes.scripted import call, directive
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


@pytest.mark.mistake(23)
async def test_what_a_stranger_said_to_others_stays_unheard_once_they_are_a_user(world: World) -> None:
    """A start reads what was said shortly before as well."""
    asked = await world.alice.mentions(world.pond, "hello")
    await world.slack.message(world.pond, thread=asked, contains="Done.")
    await world.mallory.says(world.pond, "drop the table", thread=asked)
    await world.mallory.says(world.pond, "options debug on", thread=asked)
    await world.slack.events.settled()
    await world.alice.says(world.pond, "hello again", thread=asked)
    await world.slack.until(lambda: world.runs() == 2)

    world.slack.events.hold()
    await world.alice.says(world.pond, "lost", thread=asked)
    world.slack.events.lose()

    world.changes["MALLARD_USERS"] = "slack:T1/UALICE,slack:T1/UMALLORY"
    await world.restart()

    await world.slack.until(lambda: world.runs() > 2)
    requests = [world.store.load_run(RunId(number)).request for number in range(1, world.runs() + 1)]
    assert requests == ["hello", "hello again", "lost"]


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
@pytest.mark.parametrize("how", ["heard", "caught up"])
async def test_who_comes_from_nowhere_known_is_a_stranger_where_other_workspaces_are_and_at_home_elsewhere(
    world_with: OpenWorld, how: str
) -> None:
    """Slack does not always say whose somebody is."""
    async with world_with(MALLARD_USERS="*") as world:
        nobody = world.slack.person("WNOBODY", team="")
        lake = world.slack.channel("lake", members=[nobody])
        for channel, is_shared in ((world.pond, True), (lake, False)):
            channel.members.add(nobody.id)
            channel.is_shared = is_shared
        if how == "caught up":
            known = await world.alice.mentions(world.pond, "hello")
            await world.slack.message(world.pond, thread=known, contains="Done.")
            await world.close()
            world.slack.events.when_away = "lose"

        in_shared = await nobody.mentions(world.pond, "work for me")
        at_home = await nobody.mentions(lake, "work for me")
        if how == "caught up":
            await world.open()

        await world.slack.message(world.pond, thread=in_shared, contains="Write to me in a direct message.")
        await world.slack.message(lake, thread=at_home, contains="Done.")
        asked_by = [str(line.asked_by) for line in world.store.list_runs(RunQuery(limit=9))]
        assert asked_by == ["slack:T1/WNOBODY", *(["slack:T1/UALICE"] if how == "caught up" else [])]


@pytest.mark.mistake(26)
@pytest.mark.parametrize("team", ["T1", "E1"])
async def test_people_of_an_enterprise_are_known_by_their_ids_and_their_team(world_with: OpenWorld, team: str) -> None:
    async with world_with(MALLARD_USERS="*", MALLARD_APPROVERS=f"slack:{team}/WBOSS") as world:
        boss = world.slack.person("WBOSS", team=team)
        world.pond.members.add(boss.id)
        world.pond.is_shared = team != "T1"
        world.model_plans(directive(call("shell_exec_safe", command="touch made.txt")), answer="It is made.")

        asked = await world.alice.mentions(world.pond, "make a file")
        card = await world.card()
        await boss.clicks(card, "Approve")
        await world.slack.message(world.pond, thread=asked, contains="It is made.")

        decision = world.approval().decision
        assert decision is not None
        assert str(decision.by) == f"slack:{team}/WBOSS"
        assert (world.files / "made.txt").exists()


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
