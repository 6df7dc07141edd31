"""Promise 15: "always allow" covers exactly these arguments in this workspace, is listed, and can be revoked."""

import pytest

from runtime.records import Grant, GrantScope
from runtime.states import ApprovalStatus, RunStatus
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
async def test_what_is_always_allowed_is_not_asked_again(world: World) -> None:
    grant = await always_allowed(world)

    await world.alice.mentions(world.pond, "feed the ducks")

    assert await world.answer(2) == "Done. (feed the ducks)"
    assert world.lines() == ["bread", "bread"]
    assert world.events_of("tool_approval_requested", 2) == ()
    assert (grant.scope, grant.subject, str(grant.created_by)) == ("person", "slack:T1/UALICE", "slack:T1/UBOB")
    assert (await world.store.list_grants())[0].uses == 1


@pytest.mark.promise(15)
async def test_the_card_says_that_it_was_allowed_for_good(world: World) -> None:
    world.model_says(for_each(PLANS))
    await world.alice.mentions(world.pond, "feed the ducks")
    card = await world.card()

    await world.bob.clicks(card, "Always allow")

    await world.closed(card, saying="Approved, always for this person by bob")
    (decided,) = world.events_of("approval_decided")
    assert decided.body is not None
    assert decided.body["grant"] == "person"


@pytest.mark.promise(15)
async def test_it_survives_a_restart(world: World) -> None:
    await always_allowed(world)

    await world.restart()
    await world.alice.mentions(world.pond, "feed the ducks")

    assert await world.answer(2) == "Done. (feed the ducks)"


@pytest.mark.promise(15)
async def test_other_arguments_are_asked(world: World) -> None:
    await always_allowed(world)

    await world.alice.mentions(world.pond, "feed the geese")

    assert "Approve" in (await world.card(2)).labels
    assert (await world.run(2)).status is RunStatus.WAITING
    assert world.lines() == ["bread"]


@pytest.mark.promise(15)
async def test_another_persons_same_call_is_asked(world: World) -> None:
    await always_allowed(world)

    await world.carol.mentions(world.pond, "feed the ducks")

    assert "Approve" in (await world.card(2)).labels
    assert world.lines() == ["bread"]


@pytest.mark.promise(15)
async def test_the_same_call_in_another_workspace_is_asked(world: World) -> None:
    await always_allowed(world)
    await world.close()
    world.files = world.folder / "elsewhere"

    await world.open()
    await world.alice.mentions(world.pond, "feed the ducks")

    assert "Approve" in (await world.card(2)).labels
    assert world.lines() == []


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
async def test_what_would_still_ask_says_so_and_nothing_is_decided(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_ASK_HIGH="other_approver") as world:
        world.model_says(for_each(PLANS))
        thread = await world.alice.mentions(world.pond, "feed the ducks")
        card = await world.card()
        assert "Always allow" not in card.labels

        await world.bob.says(world.pond, "always 1", thread=thread)

        await world.slack.message(
            world.pond, thread=thread, contains="is asked each time: “always” would change nothing"
        )
        assert world.approval().status is ApprovalStatus.PENDING
        assert await world.store.list_grants() == ()
        assert world.lines() == []


@pytest.mark.promise(15)
async def test_a_revoked_one_is_asked_again(world: World) -> None:
    grant = await always_allowed(world)

    assert await world.store.revoke_grant(grant.id, world.clock.now(), by=world.ref(world.bob))
    await world.alice.mentions(world.pond, "feed the ducks")

    assert "Approve" in (await world.card(2)).labels
    assert world.lines() == ["bread"]


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
