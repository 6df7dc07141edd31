"""Nobody claims another account without that account's word, and nobody's rights without theirs."""

import pytest

from bots.rules import roles_of
from runtime.records import UserRef
from runtime.states import LinkStatus
from tests.fakes.slack import Person
from tests.stories.conftest import OpenWorld
from tests.stories.relatives import MACHINE, hears, is_told, ref, second
from tests.stories.shell import mallard
from tests.stories.world import World

USERS = {"MALLARD_USERS": "slack:T1/UALICE,slack:T1/UALICE2,slack:T1/UBOB2"}


def are_one(world: World, one: Person | UserRef, other: Person | UserRef) -> bool:
    return ref(other) in world.store.accounts_of(ref(one))


def is_approver(world: World, person: Person) -> bool:
    return roles_of(world.house.settings, world.store).is_approver(ref(person))


def status(world: World, number: int = 1) -> LinkStatus:
    return world.store.who_is_who.requests[number].status  # type: ignore[index]  # a number is what tests count by


def facts(world: World) -> list[str]:
    rows = world.store.database.read_rows("SELECT type FROM link_events ORDER BY n LIMIT 64")
    return [str(row[0]) for row in rows]


async def test_the_other_account_confirms_and_both_are_told_on_their_own_side(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")

        assert "I have asked `slack:T1/UALICE2`" in await hears(world, world.alice, "link slack:T1/UALICE2")
        question = await is_told(world, alice_too, "confirm 1")
        assert "`slack:T1/UALICE` says that you are one person." in question.text
        assert not are_one(world, world.alice, alice_too)

        assert "are one person from now on" in await hears(world, alice_too, "confirm 1")
        await is_told(world, world.alice, "are one person from now on")
        assert are_one(world, world.alice, alice_too)
        assert "UALICE`, `slack:T1/UALICE2" in await hears(world, world.alice, "people")


async def test_the_other_account_refuses_and_stays_a_stranger_to_the_claim(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        await world.alice.dms("link slack:T1/UALICE2")
        await is_told(world, alice_too, "refuse 1")

        await hears(world, alice_too, "refuse 1")

        await is_told(world, world.alice, "says no to request 1")
        assert status(world) is LinkStatus.REFUSED
        assert "is refused already" in await hears(world, alice_too, "confirm 1")
        assert "said lately that this is not so" in await hears(world, world.alice, "link slack:T1/UALICE2")
        assert not are_one(world, world.alice, alice_too)


@pytest.mark.promise(37)
async def test_nobody_else_confirms_neither_who_claims_nor_who_administers_nor_who_keeps_the_machine(
    world_with: OpenWorld,
) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        await hears(world, world.alice, "link slack:T1/UALICE2")

        for person in (world.alice, world.bob, world.carol):
            assert "There is no request 1 for you to confirm" in await hears(world, person, "confirm 1")
        assert "There is no request 1" in await mallard(world, "chat", "--once", "confirm 1")
        assert "I do not know you yet" in await hears(world, world.mallory, "confirm 1")

        assert status(world) is LinkStatus.OPEN
        assert not are_one(world, world.alice, alice_too)
        assert facts(world) == ["link_requested", *["attempt_refused"] * 4]


@pytest.mark.promise(7)
@pytest.mark.promise(37)
@pytest.mark.parametrize("claimed", ["slack:T1/UBOB", "slack:T1/UCAROL", "slack:T1/UMALLORY"])
async def test_a_claim_that_would_widen_anybodys_rights_is_refused_and_nobody_is_asked(
    world: World, claimed: str
) -> None:
    assert "this takes an administrator" in await hears(world, world.alice, f"link {claimed}")

    assert facts(world) == ["attempt_refused"]
    assert not any("confirm" in one.text for dm in (world.bob.dm, world.carol.dm) for one in world.slack.answers(dm))
    assert world.store.accounts_of(ref(world.alice)) == {ref(world.alice)}


@pytest.mark.promise(7)
async def test_an_approver_claims_no_plain_account_and_no_plain_account_claims_them(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        bob_too = second(world, "bob")
        assert "this takes an administrator" in await hears(world, world.bob, "link slack:T1/UBOB2")
        assert "this takes an administrator" in await hears(world, bob_too, "link slack:T1/UBOB")
        assert "Only an administrator can link" in await hears(world, world.bob, "link slack:T1/UALICE slack:T1/UBOB2")
        assert not are_one(world, world.bob, bob_too)


async def test_an_administrator_links_others_and_both_are_told(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")

        said = await hears(world, world.carol, "link slack:T1/UALICE slack:T1/UALICE2")

        assert "are one person from now on" in said
        await is_told(world, world.alice, "`slack:T1/UCAROL` said so")
        await is_told(world, alice_too, "`slack:T1/UCAROL` said so")
        assert "`slack:T1/UALICE` = `slack:T1/UALICE2`\nalice, alice-2" in await hears(world, world.carol, "people")
        assert "different persons" in await hears(world, world.carol, "unlink slack:T1/UALICE2")
        await is_told(world, alice_too, "different persons")
        assert not are_one(world, world.alice, alice_too)


@pytest.mark.promise(7)
async def test_an_administrator_lends_nobody_the_rights_of_an_approver_without_their_word(
    world_with: OpenWorld,
) -> None:
    async with world_with(**USERS) as world:
        bob_too = second(world, "bob")

        said = await hears(world, world.carol, "link slack:T1/UBOB slack:T1/UBOB2")

        assert "I have asked `slack:T1/UBOB` to confirm this, as request 1" in said
        assert not is_approver(world, bob_too)
        await is_told(world, world.bob, "`slack:T1/UBOB2` are one person")
        await hears(world, world.bob, "confirm 1")
        await is_told(world, world.carol, "are one person from now on")
        await is_told(world, bob_too, "are one person from now on")
        assert is_approver(world, bob_too)


@pytest.mark.promise(7)
async def test_an_administrator_claims_an_approver_for_themselves_no_more_than_anybody(world: World) -> None:
    await hears(world, world.carol, "link slack:T1/UCAROL slack:T1/UBOB")
    assert not are_one(world, world.carol, world.bob)

    await hears(world, world.bob, "refuse 1")

    await is_told(world, world.carol, "says no to request 1")
    assert not are_one(world, world.carol, world.bob)


@pytest.mark.promise(7)
async def test_who_decides_does_not_part_themselves_to_be_somebody_else(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_APPROVERS="slack:T1/UBOB,slack:T1/UBOB2") as world:
        bob_too = second(world, "bob")
        await hears(world, world.bob, "link slack:T1/UBOB2")
        await hears(world, bob_too, "confirm 1")

        for person in (world.bob, bob_too):
            assert "another administrator has to do that" in await hears(world, person, "unlink slack:T1/UBOB2")

        assert are_one(world, world.bob, bob_too)


async def test_a_stranger_who_is_asked_can_answer_and_nothing_else(world: World) -> None:
    carol_too = second(world, "carol")
    await hears(world, world.carol, "link slack:T1/UCAROL2")
    await is_told(world, carol_too, "confirm 1")
    assert "I do not know you yet" in await hears(world, carol_too, "history")
    aloud = await carol_too.mentions(world.pond, "confirm 1")
    await world.slack.message(world.pond, thread=aloud, contains="I do not know you yet")

    await hears(world, carol_too, "confirm 1")

    assert are_one(world, world.carol, carol_too)
    assert "You are `slack:T1/UCAROL`, `slack:T1/UCAROL2`." in await hears(world, carol_too, "people")


async def test_what_nobody_answers_for_a_day_has_expired_and_who_asked_hears_it(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        await hears(world, world.alice, "link slack:T1/UALICE2")

        await world.time_passes(hours=25)

        await is_told(world, world.alice, "did not answer request 1")
        assert "is expired already" in await hears(world, alice_too, "confirm 1")
        assert not are_one(world, world.alice, alice_too)
        assert facts(world) == ["link_requested", "link_expired"]
        assert "I have asked" in await hears(world, world.alice, "link slack:T1/UALICE2")


@pytest.mark.promise(18)
async def test_ordinary_sentences_are_requests_and_link_nobody(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        await hears(world, world.alice, "link slack:T1/UALICE2")

        for words in ("yes", "confirm", "I confirm 1", "confirm 1 please", "ok, confirm 1", "link me to the page"):
            assert await hears(world, alice_too, words) == "Done."

        assert facts(world) == ["link_requested"]


async def test_where_others_read_along_nothing_is_linked_confirmed_or_told(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        for words in ("link slack:T1/UALICE2", "people"):
            said = await world.alice.mentions(world.pond, words)
            answer = await world.slack.message(world.pond, thread=said, contains="in a direct message")
            assert "UALICE2" not in answer.text
        assert facts(world) == []
        await hears(world, world.alice, "link slack:T1/UALICE2")

        said = await alice_too.mentions(world.pond, "confirm 1")

        await world.slack.message(world.pond, thread=said, contains="in a direct message")
        assert facts(world) == ["link_requested"]


async def test_the_slash_command_links_and_confirms_in_the_direct_message(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        await world.alice.slash("/mallard", "link slack:T1/UALICE2", where=world.pond)
        await is_told(world, alice_too, "confirm 1")

        await alice_too.slash("/mallard", "confirm 1", where=world.pond)

        await is_told(world, world.alice, "are one person from now on")
        assert are_one(world, world.alice, alice_too)
        assert not any("one person" in message.text for message in world.slack.messages(world.pond))


@pytest.mark.promise(34)
async def test_a_terminal_is_claimed_from_slack_and_confirmed_there_by_another_process(world: World) -> None:
    assert "I have asked `terminal:keeper`" in await hears(world, world.alice, "link terminal:keeper")

    said = await mallard(world, "chat", "--once", "confirm 1")

    assert "are one person from now on" in said
    await is_told(world, world.alice, "`terminal:keeper` said so")
    assert are_one(world, world.alice, MACHINE)
    assert not is_approver(world, world.alice)


@pytest.mark.promise(23)
@pytest.mark.promise(31)
async def test_a_restart_loses_no_request_and_forgets_no_link(world_with: OpenWorld) -> None:
    async with world_with(**USERS) as world:
        alice_too = second(world, "alice")
        await hears(world, world.alice, "link slack:T1/UALICE2")
        await world.restart()
        await hears(world, alice_too, "confirm 1")
        await world.restart()
        assert are_one(world, world.alice, alice_too)
        assert facts(world) == ["link_requested", "accounts_linked"]
