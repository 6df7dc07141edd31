"""Where people say which accounts are theirs: decided on what holds at the commit, and brought to them alone."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from runtime.agent import Outcome
from runtime.contents import Content, Text
from runtime.errors import PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.link_facts import LinkFact, account_unlinked, accounts_linked, link_requested
from runtime.people_commands import Confirm
from runtime.people_desk import PeopleDesk
from runtime.policy import Roles
from runtime.records import ApprovalId, MessageRef, Notice, UserRef
from runtime.states import ApprovalStatus
from storage.linking import enter
from storage.transaction import Transaction
from tests.runtime.kin import SOON
from tests.runtime.stage import ALICE, BOB, GATED, NOON, POND, Stage, at_work, open_stage

ALICE_TOO, BOB_TOO = (UserRef(platform="slack", space="T1", id=name) for name in ("UALICE2", "UBOB2"))
ME = UserRef(platform="terminal", id="me")


async def record(stage: Stage, *facts: LinkFact, notices: tuple[Notice, ...] = ()) -> None:
    await stage.store.record_people(facts, notices, NOON, as_of=stage.store.who_is_who.as_of)


class Overtaken:
    """`Persons` as the record knows them, and once, right after a look, another process records something else."""

    def __init__(self) -> None:
        self.stage: Stage | None = None
        self.then: LinkFact | None = None

    def accounts_of(self, user: UserRef) -> frozenset[UserRef]:
        assert self.stage is not None
        found = self.stage.store.accounts_of(user)
        if self.then is not None:
            fact, self.then = self.then, None
            with closing(sqlite3.connect(self.stage.store.database.path, isolation_level=None)) as another:
                another.execute("BEGIN IMMEDIATE")
                tx = Transaction(another)
                enter(tx, [fact], (), NOON)
                tx.trails.write()
                another.execute("COMMIT")
        return found


@pytest.mark.promise(7)
@pytest.mark.promise(34)
async def test_who_was_parted_between_the_look_and_the_commit_has_decided_nothing(tmp_path: Path) -> None:
    persons = Overtaken()
    roles = Roles(users=frozenset({ALICE}), approvers=frozenset({BOB}), persons=persons)
    async with open_stage(tmp_path, roles=roles) as stage, at_work(stage):
        persons.stage = stage
        await record(stage, accounts_linked(BOB, BOB_TOO, by=ME))
        stage.says = GATED
        await stage.says_to_mallard("run it")
        await stage.run(1)

        persons.then = account_unlinked(BOB_TOO, by=ME)
        token = stage.door.token_of(ApprovalId(1), "approve")
        settlement = await stage.door.click(token, by=BOB_TOO, by_name="bob", where=POND)

        assert persons.then is None, "it was not overtaken"
        assert settlement.outcome is Outcome.NOT_ALLOWED
        approval = stage.store.find_approval(ApprovalId(1))
        assert approval is not None
        assert approval.status is ApprovalStatus.PENDING
        assert len(stage.events_of(1, "approval_refused")) == 1


@pytest.mark.promise(22)
async def test_many_confirmations_at_once_are_one_link(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        roles = Roles(users=None, persons=stage.store)
        desk = PeopleDesk(record=stage.store, clock=stage.clock, roles=roles)
        await record(stage, link_requested(ALICE, ALICE_TOO, by=ALICE, until=SOON))

        said = await asyncio.gather(*(desk.enter(Confirm(1), by=ALICE_TOO, by_name="") for _ in range(50)))

        assert sum(entry.done for entry in said) == 1
        assert {entry.words for entry in said if not entry.done} == {"Request 1 is confirmed already."}
        assert stage.store.who_is_who.as_of == 2


@pytest.mark.parametrize("words", ["confirm 1", "refuse 1", "link slack:T1/UBOB", "unlink slack:T1/UALICE"])
async def test_nothing_is_linked_or_answered_by_looking_at_a_page(tmp_path: Path, words: str) -> None:
    roles = Roles(users=None, admins=frozenset({ALICE}))
    async with open_stage(tmp_path, roles=roles) as stage:
        await record(stage, link_requested(BOB, ALICE, by=BOB, until=SOON))

        page = await stage.door.read_page(words, by=ALICE, where=POND, direct=True)

        assert page.title == "What you can say to me"
        assert stage.store.who_is_who.as_of == 1


async def test_what_is_owed_to_a_person_alone_is_brought_to_where_they_are_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await record(
            stage, accounts_linked(ALICE, ALICE_TOO, by=ME), notices=(Notice(to=ALICE_TOO, markdown="You are linked."),)
        )

        await stage.until(stage.is_delivered)

        (standing,) = stage.wall.messages.values()
        assert standing.content == Text(markdown="You are linked.")
        assert standing.where.channel == "D-UALICE2"


@pytest.mark.promise(9)
async def test_what_is_owed_to_a_person_alone_waits_until_their_platform_can_say_where(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        asked = 0

        async def away(user: UserRef) -> None:
            nonlocal asked
            asked += 1
            if asked < 4:
                raise PlatformUnavailable("Slack cannot be reached")

        stage.wall.hooks["direct_message"] = away
        await record(stage, accounts_linked(ALICE, BOB, by=ME), notices=(Notice(to=BOB, markdown="Linked."),))

        await stage.until(stage.is_delivered)
        assert stage.wall.texts("D-UBOB") == ["Linked."]


async def test_who_cannot_be_written_to_at_all_is_given_up(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def nobody(user: UserRef) -> None:
            raise PlatformRefused("user_not_found")

        stage.wall.hooks["direct_message"] = nobody
        await record(stage, accounts_linked(ALICE, BOB, by=ME), notices=(Notice(to=BOB, markdown="Linked."),))

        await stage.until(stage.is_delivered)
        assert stage.deliveries() == [("notice", "dead", "full")]


async def test_a_notice_that_may_stand_already_is_looked_for_where_the_person_is_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def cut_off(message: MessageRef, content: Content) -> None:
            del stage.wall.hooks["posted"]
            raise PlatformUnclear("the connection broke")

        stage.wall.hooks["posted"] = cut_off
        await record(stage, accounts_linked(ALICE, BOB, by=ME), notices=(Notice(to=BOB, markdown="Linked."),))

        await stage.until(stage.is_delivered)
        assert stage.wall.texts("D-UBOB") == ["Linked."]
