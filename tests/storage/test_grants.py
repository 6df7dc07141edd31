"""Uses of standing approvals: counted when a call is let through, never more of them than there are, however many race."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runtime.proposals import Claimed, Ruling
from runtime.records import Grant, GrantId, GrantKind, GrantScope, Run
from runtime.states import CallState
from storage.grants import insert_grant
from tests.storage.desk import ALICE, BOB, Desk, asks, open_desk, proposal, thread

SUBJECTS = (("person", str(ALICE)), ("conversation", "slack:T1/C1"), ("workspace", "default"))


def a_grant(desk: Desk, **changes: Any) -> Grant:
    given: dict[str, Any] = {
        "id": GrantId(0), "tool": "shell", "digest": "ab" * 32, "scope": GrantScope.PERSON, "subject": str(ALICE),
        "workspace": "default", "shown": "", "created_by": BOB, "created_at": desk.now,
    }  # fmt: skip
    return Grant(**(given | changes))


async def made(desk: Desk, **changes: Any) -> GrantId:
    return await desk.write(lambda tx: insert_grant(tx, a_grant(desk, **changes)))


def by(grant: GrantId) -> Ruling:
    return Ruling(state=CallState.READY, grant=grant, otherwise=asks())


def found(desk: Desk, *, held: GrantId | None = None, **changes: Any) -> list[GrantId]:
    given: dict[str, Any] = {"tool": "shell", "digest": "ab" * 32, "subjects": SUBJECTS, "at": desk.now, "held": held}
    return [grant.id for grant in desk.store.find_grants(**(given | changes))]


async def uses(desk: Desk) -> list[int]:
    return [grant.uses for grant in await desk.store.list_grants()]


async def test_a_grant_is_read_as_it_was_made(desk: Desk) -> None:
    given = a_grant(
        desk, kind=GrantKind.PREFIX, version="3", prefix=("git", "log"), others={"network": False}, most_uses=4,
        expires_at=desk.now + timedelta(hours=8), scope=GrantScope.CONVERSATION, subject="slack:T1/C1",
    )  # fmt: skip
    number = await desk.write(lambda tx: insert_grant(tx, given))
    assert await desk.store.list_grants() == (replace(given, id=number),)
    assert desk.store.find_grants(tool="shell", digest="00" * 32, subjects=SUBJECTS, at=desk.now) == (
        replace(given, id=number),
    )


@pytest.mark.promise(15)
async def test_those_of_exactly_this_call_come_first_and_only_those_for_whoever_asks(desk: Desk) -> None:
    broad = await made(desk, kind=GrantKind.TOOL, scope=GrantScope.CONVERSATION, subject="slack:T1/C1")
    exact = await made(desk)
    await made(desk, digest="cd" * 32)
    await made(desk, subject=str(BOB))
    await made(desk, kind=GrantKind.TOOL, tool="other")
    await made(desk, kind=GrantKind.TOOL, scope=GrantScope.CONVERSATION, subject="slack:T1/C10")
    assert found(desk) == [exact, broad]


async def test_however_many_others_have_grants_ones_own_is_found(desk: Desk) -> None:
    for number in range(70):
        await made(desk, kind=GrantKind.PREFIX, prefix=("x",), subject=f"slack:T1/U{number}")
    own = await made(desk, kind=GrantKind.PREFIX, prefix=("x",))
    assert found(desk) == [own]


@pytest.mark.promise(15)
async def test_what_is_over_is_not_found(desk: Desk) -> None:
    number = await made(desk, kind=GrantKind.TOOL, expires_at=desk.now + timedelta(minutes=1))
    assert found(desk) == [number]
    desk.clock.pass_(minutes=1)
    assert found(desk) == []
    revoked = await made(desk, kind=GrantKind.TOOL)
    assert found(desk) == [revoked]
    await desk.store.revoke_grant(revoked, desk.now, by=BOB)
    assert found(desk) == []


def states(run: Run) -> list[CallState]:
    return [call.state for call in run.steps[-1].calls]


@pytest.mark.promise(15)
async def test_of_two_calls_of_a_step_one_gets_the_last_use_and_the_other_asks(desk: Desk) -> None:
    grant = await made(desk, most_uses=1)
    claimed = await desk.start(by(grant), by(grant))

    assert states(claimed.run) == [CallState.STARTED, CallState.AWAITING_APPROVAL]
    assert [call.grant for call in desk.run(claimed.run).steps[-1].calls] == [grant, None]
    assert await uses(desk) == [1]
    assert found(desk) == []
    assert found(desk, held=grant) == [grant]


@pytest.mark.promise(15)
@pytest.mark.promise(34)
async def test_of_many_runs_that_race_in_two_processes_as_many_get_a_use_as_there_are(path: Path) -> None:
    async with open_desk(path) as one, open_desk(path) as other:
        grant = await made(one, most_uses=7)
        claimed: list[tuple[Desk, Claimed]] = []
        for number, desk in enumerate([one, other] * 10):
            await desk.receive(f"m{number}", where=thread(number))
            claimed.append((desk, await desk.claim()))

        runs = await asyncio.gather(*(_plan(desk, each, grant) for desk, each in claimed))

        assert [states(run)[0] for run in runs].count(CallState.STARTED) == 7
        assert await uses(one) == [7]
        assert sum(len(one.approvals_of(run)) for run in runs) == 13


async def _plan(desk: Desk, claimed: Claimed, grant: GrantId) -> Run:
    return await desk.store.record_step(
        claimed.lease, claimed.run, desk.now, text="", calls=(proposal(by(grant)),), facts=()
    )


@pytest.mark.promise(15)
async def test_one_that_was_revoked_or_ran_out_since_it_was_looked_up_lets_nothing_through(desk: Desk) -> None:
    revoked, late = await made(desk), await made(desk, expires_at=desk.now + timedelta(minutes=1))
    await desk.store.revoke_grant(revoked, desk.now, by=BOB)
    desk.clock.pass_(minutes=1)
    for grant in (revoked, late):
        assert (await desk.start(by(grant))).run.steps[-1].calls[0].state is CallState.AWAITING_APPROVAL
    assert await uses(desk) == [0, 0]


async def test_what_a_call_reads_and_sends_is_on_record(desk: Desk) -> None:
    claimed = await desk.start()
    calls = (proposal(reads_untrusted=True), proposal(sends_out=True), proposal())
    run = await desk.store.record_step(claimed.lease, claimed.run, desk.now, text="", calls=calls, facts=())
    await desk.commit()
    for each in (run, desk.run(run)):
        assert [(call.reads_untrusted, call.sends_out) for call in each.steps[-1].calls] == [
            (True, False), (False, True), (False, False),
        ]  # fmt: skip
