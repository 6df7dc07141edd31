"""One person, two accounts: rights, history and grants follow the person, and nobody is their own second person."""

import re

import pytest

from runtime.records import UserRef
from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.slack import Message, Person
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN, for_each
from tests.stories.relatives import MACHINE, are_linked, are_parted, at_the_machine, hears, is_told, ref, second
from tests.stories.shell import mallard
from tests.stories.test_grants import PLANS, always_allowed
from tests.stories.world import World

TWO_EYES = {"MALLARD_ASK_HIGH": "other_approver", "MALLARD_APPROVERS": "slack:T1/UBOB,slack:T1/UCAROL"}


async def asked(world: World, person: Person) -> Message:
    world.model_plans(RUN)
    await person.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    return card


@pytest.mark.promise(7)
@pytest.mark.promise(37)
async def test_the_requesters_other_account_is_no_second_person(world_with: OpenWorld) -> None:
    async with world_with(**TWO_EYES) as world:
        bob_too = second(world, "bob")
        await are_linked(world, world.bob, bob_too)
        card = await asked(world, bob_too)

        await world.bob.clicks(card, "Approve")

        await world.slack.ephemeral(world.bob, contains="Only an approver other than the requester can decide this")
        assert world.approval().status is ApprovalStatus.PENDING
        (refused,) = world.events_of("approval_refused")
        assert refused.body is not None
        assert refused.body["by"] == str(ref(world.bob))
        await world.carol.clicks(card, "Approve")
        assert await world.answer() == "Done."
        assert world.lines() == ["ran"]


@pytest.mark.promise(7)
async def test_nor_is_whoever_asked_on_slack_when_they_sit_down_at_the_machine(world_with: OpenWorld) -> None:
    async with world_with(**TWO_EYES) as world:
        await are_linked(world, world.alice, MACHINE)
        await asked(world, world.alice)

        said = await mallard(world, "approvals", "approve", "1", succeeds=False)

        assert "Only an approver other than the requester" in said
        assert world.approval().status is ApprovalStatus.PENDING
        said = await mallard(world, "approvals", "approve", "1", user="night-watch")
        assert "Approved by night-watch" in said
        assert await world.answer() == "Done."


@pytest.mark.promise(7)
@pytest.mark.promise(34)
async def test_a_link_that_another_process_made_while_the_card_stood_counts_at_the_next_click(
    world_with: OpenWorld,
) -> None:
    async with world_with(**TWO_EYES) as world:
        bob_too = second(world, "bob")
        world.changes["MALLARD_USERS"] = "*"
        await world.restart()
        card = await asked(world, bob_too)
        await mallard(world, "people", "link", "slack:T1/UBOB", "slack:T1/UBOB2")

        await world.bob.clicks(card, "Approve")

        await world.slack.ephemeral(world.bob, contains="other than the requester")
        assert world.lines() == []


@pytest.mark.promise(7)
async def test_approver_rights_follow_the_person_until_the_accounts_are_parted(world: World) -> None:
    bob_too = second(world, "bob")
    card = await asked(world, world.alice)
    await bob_too.clicks(card, "Approve")
    await world.slack.ephemeral(bob_too, contains="Only an approver can decide this")

    await are_linked(world, world.bob, bob_too)
    await bob_too.clicks(card, "Approve")

    assert await world.answer() == "Done."
    await are_parted(world, bob_too)
    turned_away = await bob_too.mentions(world.pond, "run it")
    await world.slack.message(world.pond, thread=turned_away, contains="I do not know you yet")


async def test_the_rights_of_the_machine_stay_at_the_machine(world: World) -> None:
    await are_linked(world, world.alice, MACHINE)
    card = await asked(world, world.alice)

    await world.alice.clicks(card, "Approve")

    await world.slack.ephemeral(world.alice, contains="Only an approver can decide this")
    assert "my secret" not in await hears(world, world.alice, "people")
    assert world.lines() == []


@pytest.mark.promise(30)
@pytest.mark.promise(39)
async def test_history_follows_the_person_from_the_terminal_to_slack_and_back(world: World) -> None:
    world.model_plans(answer="The pond is deep.")
    asked_ = await world.alice.dms("my secret plan")
    await world.slack.message(world.alice.dm, thread=asked_, contains="The pond is deep.")
    await at_the_machine(world, "look into the pond")
    assert "look into" not in await hears(world, world.alice, "history")
    assert "no such run" in await hears(world, world.alice, "run 2")

    await are_linked(world, world.alice, MACHINE)

    assert "look into" in await hears(world, world.alice, "history")
    assert "Asked by keeper" in await hears(world, world.alice, "run 2")
    assert "look into" not in await hears(world, world.bob, "history")
    await are_parted(world, MACHINE)
    assert "look into" not in await hears(world, world.alice, "history")
    assert "my secret plan" in await hears(world, world.alice, "history")


@pytest.mark.promise(30)
async def test_what_one_account_can_read_on_its_platform_the_person_sees(world: World) -> None:
    alice_too = second(world, "alice")
    burrow = world.slack.channel("burrow", members=[alice_too, world.bob], kind="group")
    dug = await world.bob.mentions(burrow, "dig here")
    await world.slack.message(burrow, thread=dug, contains="Done.")
    assert "dig here" not in await hears(world, world.alice, "history")

    await are_linked(world, world.alice, alice_too)

    assert "dig here" in await hears(world, world.alice, "history")
    alice_too.leaves(burrow)
    await world.time_passes(minutes=6)
    assert "dig here" not in await hears(world, world.alice, "history")


async def test_what_waits_for_a_person_is_listed_whichever_account_asks(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_USERS="slack:T1/UALICE,slack:T1/UALICE2") as world:
        alice_too = second(world, "alice")
        await asked(world, world.alice)
        assert "Nothing waits" in await hears(world, alice_too, "pending")

        await are_linked(world, world.alice, alice_too)

        assert "approval 1" in await hears(world, alice_too, "pending")


@pytest.mark.promise(29)
async def test_a_person_stops_from_one_account_what_they_began_from_the_other(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_USERS="slack:T1/UALICE,slack:T1/UALICE2") as world:
        alice_too = second(world, "alice")
        card = await asked(world, world.alice)
        await alice_too.says(world.pond, "stop", thread=card.thread)
        await world.slack.message(world.pond, thread=card.thread, contains="only alice")

        await are_linked(world, world.alice, alice_too)
        await alice_too.says(world.pond, "stop", thread=card.thread)

        await world.run(1, RunStatus.CANCELLED)


@pytest.mark.promise(8)
async def test_a_person_asks_again_from_one_account_for_what_they_asked_from_the_other(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_USERS="slack:T1/UALICE,slack:T1/UALICE2", MALLARD_APPROVAL_HOURS="1") as world:
        alice_too = second(world, "alice")
        await asked(world, world.alice)
        await world.time_passes(hours=2)
        await world.run(1, RunStatus.EXPIRED)
        assert "Only an approver" in await hears(world, alice_too, "again 1")

        await are_linked(world, world.alice, alice_too)

        assert "there is a new card" in await hears(world, alice_too, "again 1")


@pytest.mark.promise(15)
async def test_what_is_allowed_for_good_follows_the_person_and_stays_behind_when_they_part(
    world_with: OpenWorld,
) -> None:
    async with world_with(MALLARD_USERS="slack:T1/UALICE,slack:T1/UALICE2") as world:
        alice_too = second(world, "alice")
        await always_allowed(world)
        await are_linked(world, world.alice, alice_too)

        await alice_too.mentions(world.pond, "feed the ducks")
        assert await world.answer(2) == "Done. (feed the ducks)"

        await are_parted(world, alice_too)
        world.model_says(for_each(PLANS))
        await alice_too.mentions(world.pond, "feed the ducks")
        assert "Approve" in (await world.card(2)).labels
        assert world.lines() == ["bread", "bread"]


async def test_two_persons_with_two_accounts_each_become_one_and_all_four_are_told(world: World) -> None:
    alice_too, bob_too = second(world, "alice"), second(world, "bob")
    await are_linked(world, world.alice, alice_too)
    await are_linked(world, world.bob, bob_too)

    await are_linked(world, alice_too, bob_too)

    everybody = [world.alice, alice_too, world.bob, bob_too]
    for person in everybody:
        message = await is_told(world, person, "UALICE2`, `slack:T1/UBOB")
        assert all(str(ref(each)) in message.text for each in everybody)
        assert world.store.accounts_of(ref(person)) == {ref(each) for each in everybody}


async def test_the_command_line_shows_who_is_whom_and_says_when_it_has_never_heard_of_an_account(world: World) -> None:
    asked_ = await world.alice.dms("hello")
    await world.slack.message(world.alice.dm, thread=asked_, contains="Done.")

    said = await mallard(world, "people", "link", "slack:T1/UALICE", "discord:42")

    assert "discord:42 and slack:T1/UALICE are one person from now on." in said
    assert "discord:42 has not written to Mallard yet" in said
    assert "UALICE has not" not in said
    listed = await mallard(world, "people", "list")
    assert re.search("discord:42, slack:T1/UALICE +user", listed)
    assert "is not an account" in await mallard(world, "people", "link", "alice", "discord:42", succeeds=False)
    await are_parted(world, UserRef(platform="discord", id="42"))
    assert "Nobody has more than one account." in await mallard(world, "people", "list")


@pytest.mark.promise(37)
@pytest.mark.promise(38)
@pytest.mark.promise(39)
async def test_who_linked_whom_is_in_the_export_and_whoever_changes_it_is_found(world: World) -> None:
    await are_linked(world, world.alice, MACHINE)
    await are_parted(world, MACHINE)

    exported = await mallard(world, "audit", "export")

    assert '"accounts_linked"' in exported
    assert '"account":"terminal:keeper","by":"terminal:keeper"' in exported
    assert "The record is whole" in await mallard(world, "audit", "verify")
    await world.store.database.write(lambda tx: tx.execute("DROP TRIGGER link_events_are_never_changed"))
    forged = "UPDATE link_events SET body = CAST(replace(CAST(body AS TEXT), 'UALICE', 'UMALLORY') AS BLOB)"
    await world.store.database.write(lambda tx: tx.execute(forged))
    found = await mallard(world, "audit", "verify", succeeds=False)
    assert "installation: fact 1 about who is whom (accounts_linked) was changed or moved." in found
