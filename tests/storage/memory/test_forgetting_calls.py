"""Also where a tool was called with it, forgetting is complete: that it was done stays on record, the words go."""

import sqlite3
from datetime import datetime

import pytest
from msgspec.structs import replace

from runtime.facts import EventType, Fact
from runtime.memory.records import Forgotten, MemoryId
from runtime.proposals import Claimed, Ending
from runtime.records import Decision, Grant, GrantId, GrantKind, GrantScope, Observation, Verdict
from runtime.states import ApprovalStatus, RunStatus
from storage.redacting import FORGOTTEN
from tests.storage.desk import ALICE, BOB, READY, Desk, asks, first_call, says
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.past import RARE, TEXT, is_source, planned, remember, tells

OUTPUT = Observation(ok=True, text=f"said: {TEXT}", metadata={"stdout": TEXT})


def allowing(digest: str, at: datetime) -> Grant:
    return Grant(
        id=GrantId(0), tool="shell", digest=digest, scope=GrantScope.PERSON, subject=str(ALICE), workspace="default",
        shown=f"shell: {TEXT}", created_by=BOB, created_at=at, expires_at=None, kind=GrantKind.PREFIX, version="1",
        prefix=tuple(TEXT.split()), others={"folder": TEXT}, most_uses=None,
    )  # fmt: skip


async def approved(desk: Desk, waiting: Claimed, *, comment: str = f"Yes, {TEXT}.", always: bool = True) -> Claimed:
    """The one approval of a run is decided, and somebody works the run again."""
    (approval,) = desk.approvals_of(waiting.run)
    decision: Decision = says(comment=comment, at=desk.now, grant=GrantScope.PERSON if always else None)
    grant = allowing(first_call(waiting.run).digest, desk.now) if always else None
    await desk.store.settle(approval.id, decision, grant=grant, claim=False)
    return await desk.claim()


async def done(desk: Desk, claimed: Claimed) -> None:
    """The call was run and told of it, and so does the answer."""
    call = first_call(claimed.run)
    await desk.store.mark_started(claimed.lease, call, desk.now)
    audit = Fact(EventType.COMMAND_AUDIT, {"call": call.id, "command": f"echo {TEXT}", "exit_code": 0})
    run = await desk.store.record_observation(claimed.lease, claimed.run, call, OUTPUT, desk.now, facts=(audit,))
    spoken = Fact(EventType.COGNITION_RESPONSE, {"role": "thinker", "text": TEXT})
    await desk.store.finish(
        claimed.lease, run, desk.now, ending=Ending.ANSWERED, text=f"Done: {TEXT}", facts=(spoken,), streamed=False
    )
    await desk.deliver()


async def test_of_a_run_that_it_was_made_of_what_was_done_stays_and_the_words_go(desk: Desk) -> None:
    waiting = await planned(desk, tells(asks()), request=f"Say that {TEXT}")
    await done(desk, await approved(desk, waiting))
    memory_id = await remember(desk, TEXT, run_id=waiting.run.id)
    before = desk.run(waiting.run)

    assert await desk.store.forget([memory_id], desk.now, by=ALICE) == Forgotten(memories=1)

    assert find_leftovers(desk.path.parent, *RARE) == []
    assert desk.breaks() == []
    run = desk.run(waiting.run)
    call, was = first_call(run), first_call(before)
    assert call.arguments == {"command": FORGOTTEN, "options": [FORGOTTEN, "lunch"], "timeout_s": 5}
    assert (call.reason, call.why_asked, call.preview, call.target) == (FORGOTTEN,) * 4
    assert call.observation is not None
    assert (call.observation.text, call.observation.metadata) == (FORGOTTEN, {"stdout": FORGOTTEN})
    assert (run.request, run.answer, run.status) == (FORGOTTEN, FORGOTTEN, RunStatus.COMPLETED)
    assert (call.tool, call.version, call.digest, call.effect, call.risk, call.state) == (
        was.tool, was.version, was.digest, was.effect, was.risk, was.state
    )  # fmt: skip
    (approval,) = desk.approvals_of(run)
    assert approval.status is ApprovalStatus.APPROVED
    assert approval.decision is not None
    assert (approval.decision.by, approval.decision.at, approval.decision.verdict, approval.decision.comment) == (
        BOB, desk.now, Verdict.APPROVE, FORGOTTEN
    )  # fmt: skip
    bodies = {event.type: event.body for event in desk.store.load_events(run.id)}
    assert bodies[EventType.COMMAND_AUDIT] is bodies[EventType.APPROVAL_DECIDED] is None
    assert bodies[EventType.TOOL_CALL_STARTED] is not None


async def test_of_a_run_that_relied_on_it_people_keep_what_they_said_by_themselves(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, tells(asks()), request=f"They say that {TEXT}", by=BOB, relied=(memory_id,))
    await done(desk, await approved(desk, waiting, always=False))

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    run = desk.run(waiting.run)
    call = first_call(run)
    assert (call.reason, call.why_asked, call.preview, call.target, run.answer) == (FORGOTTEN,) * 5
    assert call.arguments["command"] == FORGOTTEN
    (approval,) = desk.approvals_of(run)
    assert approval.decision is not None
    assert (run.request, approval.decision.comment) == (f"They say that {TEXT}", f"Yes, {TEXT}.")
    bodies = {event.type: event.body for event in desk.store.load_events(run.id)}
    assert bodies[EventType.COMMAND_AUDIT] is bodies[EventType.COGNITION_RESPONSE] is None
    assert bodies[EventType.RUN_CREATED] is not None
    assert bodies[EventType.APPROVAL_DECIDED] is not None
    assert desk.breaks() == []


@pytest.mark.parametrize("source", [True, False])
async def test_why_a_person_said_no_goes_from_the_run_that_it_was_made_of_alone(desk: Desk, source: bool) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, tells(asks()), relied=(memory_id,))
    (approval,) = desk.approvals_of(waiting.run)
    await desk.settle(approval, Verdict.DENY, comment=f"No, {TEXT}.")
    await desk.finish(await desk.claim())
    if source:
        await is_source(desk, memory_id, waiting.run)

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    denial = first_call(desk.run(waiting.run)).denial
    assert denial is not None
    assert denial.reason == (FORGOTTEN if source else f"No, {TEXT}.")
    assert bool(find_leftovers(desk.path.parent, *RARE)) != source


async def test_a_permission_that_nobody_can_read_any_more_does_not_stand(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    waiting = await planned(desk, tells(asks()), relied=(memory_id,))
    await done(desk, await approved(desk, waiting, comment=""))
    await desk.write(lambda tx: tx.execute("UPDATE grants SET revoked_at = 1, revoked_by = 'Bob'"))
    standing = await planned(desk, tells(asks(), digest="ef" * 32), relied=(memory_id,))
    await done(desk, await approved(desk, standing, comment=""))

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    grants = await desk.store.list_grants()
    assert {(grant.shown, grant.prefix, len(grant.others)) for grant in grants} == {(FORGOTTEN, (), 0)}
    assert [grant.revoked_by for grant in grants] == ["Bob", "forgetting"]
    assert all(grant.revoked_at for grant in grants)
    assert find_leftovers(desk.path.parent, *RARE) == []


async def test_what_is_about_something_else_stays_as_it_is(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    plain = {"arguments": {"command": "make"}, "reason": "to see", "why_asked": "it runs", "preview": "", "target": ""}
    waiting = await planned(desk, tells(asks(), **plain), relied=(memory_id,))
    (approval,) = desk.approvals_of(waiting.run)
    decision = says(at=desk.now, comment="Go on", grant=GrantScope.PERSON)
    readable = replace(allowing("cd" * 32, desk.now), shown="make", prefix=("make",), others={})
    await desk.store.settle(approval.id, decision, grant=readable, claim=False)
    await desk.finish(await desk.claim())
    before = desk.run(waiting.run)

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert desk.run(waiting.run) == before
    assert [(each.shown, each.revoked_at) for each in await desk.store.list_grants()] == [("make", None)]
    assert EventType.PAYLOAD_ERASED not in desk.events_of(waiting.run)


async def test_that_only_the_output_of_a_tool_told_of_it_is_in_the_trail_too(desk: Desk) -> None:
    """Whoever thinks about the run just then has seen it: what comes of that is dropped because of this event."""
    memory_id = await remember(desk, TEXT)
    plain = {"arguments": {}, "reason": "", "why_asked": "", "preview": "", "target": ""}
    claimed = await planned(desk, tells(READY, **plain), relied=(memory_id,))
    run = await desk.store.record_observation(
        claimed.lease, claimed.run, first_call(desk.run(claimed.run)), OUTPUT, desk.now
    )
    await desk.finish(Claimed(lease=claimed.lease, run=run))

    await desk.store.forget([memory_id], desk.now, by=ALICE)

    assert desk.store.has_forgotten(run.id)
    assert desk.breaks() == []


WORDS = {"tool_calls": ["arguments", "reason", "why_asked"], "decisions": ["comment"]}
OTHER_VALUES = {
    "digest": "zeroblob(32)", "effect": "'none'", "risk": "'low'", "reads_untrusted": "1", "sends_out": "1",
    "verdict": "'deny'", "grant_scope": "'workspace'",
}  # fmt: skip
OVER = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)


@pytest.mark.parametrize("table", WORDS)
@pytest.mark.parametrize("status", list(RunStatus))
async def test_what_can_still_run_is_never_changed_whoever_tries(desk: Desk, status: RunStatus, table: str) -> None:
    """Of a run that is over, the words alone; a column that comes later is looked at here too."""
    waiting = await planned(desk, tells(asks()))
    await desk.settle(desk.approvals_of(waiting.run)[0], comment="Yes.")
    stands = f"UPDATE runs SET status = '{status}', lease_token = {1 if status is RunStatus.RUNNING else 'NULL'}"
    await desk.write(lambda tx: tx.execute(stands))

    async def can_change(column: str, kind: str) -> bool:
        value = OTHER_VALUES.get(column, "'x'" if kind == "TEXT" else "99")
        try:
            await desk.write(lambda tx: tx.execute(f"UPDATE {table} SET {column} = {value}"))
        except sqlite3.IntegrityError as error:
            return "never changed" not in str(error)
        return True

    columns = desk.store.database.read_rows("SELECT name, type FROM pragma_table_info(?)", (table,))
    changeable = [column for column, kind in (*columns, ("rowid", "INTEGER")) if await can_change(column, kind)]
    assert changeable == (WORDS[table] if status in OVER else [])


async def test_forgetting_says_nothing_of_runs_that_never_knew(desk: Desk) -> None:
    memory_id = await remember(desk, TEXT)
    his = await planned(desk, tells(asks()), by=BOB)
    await desk.store.cancel(his.run.id, desk.now, by=BOB)

    assert await desk.store.forget([memory_id, MemoryId(99)], desk.now, by=ALICE) == Forgotten(memories=1)

    assert first_call(desk.run(his.run)).reason == f"Because {TEXT}."
