"""Who is whom, on record: chained, known to every process at once, and never decided on what is over."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from runtime import link_facts
from runtime.errors import DatabaseUnusable, PeopleChanged
from runtime.link_facts import LinkFact
from runtime.persons import are_same
from runtime.records import LinkRequestId, Notice, UserRef
from runtime.states import ApprovalStatus, LinkStatus
from storage import links
from storage.migrate import known_migrations, migrate
from tests.storage.desk import ALICE, BOB, Desk, asks, look, open_desk, says, tamper

ALICE_TOO = UserRef(platform="discord", id="42")
ME = UserRef(platform="terminal", id="me")
LINKED = link_facts.accounts_linked(ALICE, ALICE_TOO, by=ME)


async def record(desk: Desk, *facts: LinkFact, notices: Iterable[Notice] = ()) -> None:
    as_of = desk.store.who_is_who.as_of
    await desk.store.record_people(facts, tuple(notices), desk.now, as_of=as_of)


async def test_what_was_recorded_is_known_and_survives_a_restart(path: Path) -> None:
    async with open_desk(path) as desk:
        await record(desk, LINKED, link_facts.link_requested(BOB, ALICE, by=BOB, until=desk.now + timedelta(hours=1)))
        before = desk.store.who_is_who
    async with open_desk(path) as desk:
        assert desk.store.who_is_who == before
        assert desk.store.accounts_of(ALICE) == {ALICE, ALICE_TOO}
        assert desk.breaks() == []


@pytest.mark.promise(34)
async def test_what_one_process_recorded_another_knows_at_its_next_look(path: Path) -> None:
    async with open_desk(path) as one, open_desk(path) as other:
        assert not are_same(other.store, ALICE, ALICE_TOO)
        await record(one, LINKED)
        assert are_same(other.store, ALICE, ALICE_TOO)
        await record(one, link_facts.account_unlinked(ALICE, by=ME))
        assert not are_same(other.store, ALICE, ALICE_TOO)


@pytest.mark.promise(34)
async def test_what_was_decided_on_who_was_whom_before_is_not_recorded(path: Path) -> None:
    async with open_desk(path) as one, open_desk(path) as other:
        seen = other.store.who_is_who.as_of
        await record(one, LINKED)
        notice = Notice(to=ALICE, markdown="You are linked.")

        with pytest.raises(PeopleChanged):
            await other.store.record_people((LINKED,), (notice,), other.now, as_of=seen)

        assert other.store.who_is_who.as_of == 1
        assert look(path, "SELECT count(*) FROM deliveries") == [(0,)]


@pytest.mark.promise(7)
@pytest.mark.promise(34)
async def test_a_decision_that_was_judged_by_who_was_whom_before_settles_nothing(path: Path) -> None:
    async with open_desk(path) as one, open_desk(path) as other:
        run = await one.suspend(asks())
        seen = one.store.who_is_who.as_of
        await record(other, link_facts.accounts_linked(ALICE, BOB, by=ME))

        with pytest.raises(PeopleChanged):
            await one.store.settle(one.approvals_of(run)[0].id, says(), grant=None, claim=False, people_as_of=seen)

        assert one.approvals_of(run)[0].status is ApprovalStatus.PENDING
        await one.store.settle(
            one.approvals_of(run)[0].id, says(), grant=None, claim=False, people_as_of=one.store.who_is_who.as_of
        )
        assert one.approvals_of(run)[0].status is ApprovalStatus.APPROVED


async def test_what_people_are_told_is_owed_in_the_same_transaction_to_them_alone(desk: Desk) -> None:
    await record(
        desk, LINKED, notices=[Notice(to=ALICE_TOO, markdown="You are linked."), Notice(to=ALICE, markdown="So.")]
    )
    first, second = await desk.deliver()
    assert (first.kind, first.person, first.body["markdown"]) == ("notice", ALICE_TOO, "You are linked.")
    assert (first.where.platform, first.where.channel, first.direct) == ("discord", "", True)
    assert (second.where.platform, second.where.space) == ("slack", "T1")


async def test_a_request_that_nobody_answers_runs_out_by_itself(desk: Desk) -> None:
    until = desk.now + timedelta(hours=24)
    await record(desk, link_facts.link_requested(ALICE, ALICE_TOO, by=ALICE, until=until))
    assert desk.store.next_expiry() == until
    assert await desk.store.expire_due(desk.clock.pass_(hours=23)) == 0

    assert await desk.store.expire_due(desk.clock.pass_(hours=1)) == 1

    assert desk.store.who_is_who.requests[LinkRequestId(1)].status is LinkStatus.EXPIRED
    assert desk.store.next_expiry() is None
    (told,) = await desk.deliver()
    assert told.person == ALICE
    assert desk.breaks() == []


async def test_an_approval_that_runs_out_first_is_what_is_waited_for(desk: Desk) -> None:
    await record(desk, link_facts.link_requested(ALICE, ALICE_TOO, by=ALICE, until=desk.now + timedelta(hours=24)))
    await desk.suspend(asks(until=desk.now + timedelta(hours=2)))
    assert desk.store.next_expiry() == desk.now + timedelta(hours=2)
    assert await desk.store.expire_due(desk.clock.pass_(hours=30)) == 2


@pytest.mark.promise(38)
@pytest.mark.parametrize("deed", ["UPDATE link_events SET at = 0", "DELETE FROM link_events"])
async def test_the_database_itself_lets_no_fact_be_changed(desk: Desk, path: Path, deed: str) -> None:
    await record(desk, LINKED)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(deed)


@pytest.mark.promise(38)
async def test_facts_that_cannot_be_true_let_nobody_pass_for_somebody(path: Path) -> None:
    async with open_desk(path) as desk:
        await record(desk, LINKED)
    tamper(path, "UPDATE link_events SET body = CAST('{}' AS BLOB)")

    async with open_desk(path) as desk:
        with pytest.raises(DatabaseUnusable, match="audit verify"):
            desk.store.accounts_of(ALICE)


@pytest.mark.promise(38)
async def test_a_link_that_was_slipped_in_with_a_fitting_hash_is_missed_in_the_installations_chain(path: Path) -> None:
    async with open_desk(path) as desk:
        await record(desk, LINKED)
    async with open_desk(path) as forger:
        await forger.write(lambda tx: links.append(tx, forger.now, LINKED))
        assert [each.what for each in forger.breaks()] == [
            "fact 2 about who is whom (accounts_linked) is not in the installation's chain"
        ]


async def test_an_old_database_is_brought_up_to_date_with_all_that_is_in_it(path: Path) -> None:
    async with open_desk(path) as desk:
        run = await desk.suspend(asks())
        installation = desk.store.installation
    path = as_the_first_version_wrote_it(path)

    async with open_desk(path) as desk:
        assert desk.store.installation == installation
        assert desk.store.who_is_who.as_of == 0
        await record(desk, LINKED)
        assert are_same(desk.store, ALICE, ALICE_TOO)
        assert (await desk.settle(desk.approvals_of(run)[0])).won
        assert desk.breaks() == []


def as_the_first_version_wrote_it(path: Path) -> Path:
    """A database of the first migration alone, with all of another's rows as far as it has a place for them."""
    older = path.with_name("older.db")
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        migrate(connection, str(older), known_migrations()[:1])
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ATTACH ? AS newer", (str(path),))
        tables = connection.execute(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'sqlite_sequence')"
        )
        for (table,) in tables.fetchall():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        assert connection.execute("PRAGMA main.foreign_key_check").fetchall() == []
    return older
