"""Promise 15 among many people: whom "always allow" covers, who may say so, and what the command line does with it."""

import pytest

from runtime.records import Grant, GrantScope
from runtime.states import ApprovalStatus
from tests.fakes.scripted import directive
from tests.stories.conftest import OpenWorld
from tests.stories.plots import for_each, notes
from tests.stories.shell import mallard
from tests.stories.world import World

PLANS = {"feed the ducks": directive(notes("bread")), "feed the geese": directive(notes("corn"))}


async def always_allowed(world: World, scope: GrantScope | None = None) -> Grant:
    """alice may feed the ducks from now on: bob said so on the first card."""
    world.model_says(for_each(PLANS))
    await world.alice.mentions(world.pond, "feed the ducks")
    card = await world.card()
    if scope is None:
        await world.bob.clicks(card, "Always allow")
    else:
        words = {GrantScope.CONVERSATION: "here", GrantScope.WORKSPACE: "workspace"}[scope]
        await world.bob.mentions(world.pond, f"always 1 {words}")
    await world.answer()
    (grant,) = await world.store.list_grants()
    return grant


@pytest.mark.promise(15)
async def test_another_persons_same_call_is_asked(world: World) -> None:
    await always_allowed(world)

    await world.carol.mentions(world.pond, "feed the ducks")

    assert "Approve" in (await world.card(2)).labels
    assert world.lines() == ["bread"]


@pytest.mark.promise(15)
async def test_for_everybody_here_covers_the_channel_and_not_the_next_one(world: World) -> None:
    grant = await always_allowed(world, GrantScope.CONVERSATION)
    lake = world.slack.channel("lake", members=[world.alice, world.bob, world.carol])

    await world.carol.mentions(world.pond, "feed the ducks")
    assert await world.answer(2) == "Done. (feed the ducks)"
    await world.carol.mentions(lake, "feed the ducks")

    assert "Approve" in (await world.card(2, place=lake)).labels
    assert grant.subject == f"slack:T1/{world.pond.id}"


@pytest.mark.promise(15)
async def test_only_an_administrator_allows_for_the_whole_workspace(world: World) -> None:
    world.model_says(for_each(PLANS))
    thread = await world.alice.mentions(world.pond, "feed the ducks")
    await world.card()

    await world.bob.says(world.pond, "always 1 workspace", thread=thread)

    await world.slack.message(world.pond, thread=thread, contains="Only an administrator can allow this")
    assert world.approval().status is ApprovalStatus.PENDING
    assert await world.store.list_grants() == ()


@pytest.mark.promise(15)
async def test_the_command_line_lists_and_revokes_it_while_the_house_works(world: World) -> None:
    await always_allowed(world)

    listed = await mallard(world, "grants", "list")
    revoked = await mallard(world, "grants", "revoke", "1")
    await world.alice.mentions(world.pond, "feed the ducks")

    assert "echo bread" in listed
    assert "person slack:T1/UALICE" in listed
    assert "Grant 1 is revoked" in revoked
    assert "Approve" in (await world.card(2)).labels


@pytest.mark.promise(15)
async def test_who_is_no_approver_any_more_allows_nothing_any_more(world_with: OpenWorld) -> None:
    async with world_with() as world:
        await always_allowed(world)
        await world.close()
        world.changes["MALLARD_APPROVERS"] = "slack:T1/UCAROL"

        await world.open()
        await world.alice.mentions(world.pond, "feed the ducks")

        assert "Approve" in (await world.card(2)).labels
        assert world.lines() == ["bread"]
