"""One run, played through when the database is opened and taken back again: preparing a statement takes several times as
long as running it, and the first click after a start should not have to wait for all of them."""

import sqlite3
from datetime import UTC, datetime, timedelta

from runtime.afterthoughts.legacy import Legacy
from runtime.afterthoughts.records import AfterthoughtKind
from runtime.proposals import Claimed, Ending, Intake, ProposedCall, Ruling
from runtime.records import (
    ConversationRef,
    Decision,
    Effect,
    IncomingMessage,
    Observation,
    Reasoning,
    Risk,
    UserRef,
    Verdict,
    Workspace,
)
from runtime.states import CallState
from storage.endings import finish
from storage.intake import receive
from storage.leases import has_candidates
from storage.loading import find_approval, find_approval_of, load_run
from storage.progress import record_observation, with_observation
from storage.reading import find_conversation, list_pending, load_turns
from storage.settling import settle
from storage.steps import record_plain_step, record_step
from storage.transaction import T, Transaction, Unit

_NOW = datetime(2000, 1, 1, tzinfo=UTC)
_LEASE = timedelta(minutes=1)
_SOMEBODY = UserRef(platform="rehearsal", id="somebody")
_PLACE = ConversationRef(platform="rehearsal", channel="stage")
_INTAKE = Intake(
    message=IncomingMessage(id="1", where=_PLACE, author=_SOMEBODY, text="", sent_at=_NOW),
    workspace=Workspace(id="", path=""),
    reasoning=Reasoning.AUTO,
    debug=False,
    reflect=False,
    heard="",
)
_CALL = ProposedCall(
    tool="", version="", arguments={}, digest="00" * 32, effect=Effect.EXTERNAL, risk=Risk.HIGH, reason="", why_asked="",
    preview="", target="", ruling=Ruling(state=CallState.AWAITING_APPROVAL),
)  # fmt: skip
_YES = Decision(verdict=Verdict.APPROVE, by=_SOMEBODY, by_name="", at=_NOW, where="")
_LEGACY = Legacy(afterthoughts=(AfterthoughtKind.MEMORY, AfterthoughtKind.REFLECTION))
_DONE = Observation(ok=True, text="")


def rehearse(connection: sqlite3.Connection) -> None:
    """Receive, ask, decide, observe, answer. The caller rolls all of it back."""
    received = _play(connection, lambda tx: receive(tx, _INTAKE, _NOW, worker_id=0, lease_for=_LEASE))
    assert received.run is not None  # noqa: S101  nobody has said this here before
    assert received.lease is not None  # noqa: S101  nobody else is on this stage
    lease, run = received.lease, received.run
    asked = _play(connection, lambda tx: record_step(tx, lease, run, _NOW, text="", calls=(_CALL,), facts=()))
    approval = find_approval_of(connection, asked.steps[-1].calls[-1].id)
    assert approval is not None  # noqa: S101  it was asked in the line above
    number = approval.id
    settled = _play(connection, lambda tx: settle(tx, number, _YES, grant=None, worker_id=0, lease_for=_LEASE))
    assert settled.claimed is not None  # noqa: S101  nothing else runs in this conversation
    claimed = settled.claimed
    _play(connection, lambda tx: _answer(tx, claimed))


def _play(connection: sqlite3.Connection, unit: Unit[T]) -> T:
    """Run a unit as in a transaction of its own."""
    tx = Transaction(connection)
    result = unit(tx)
    tx.trails.write()
    return result


def _answer(tx: Transaction, claimed: Claimed) -> None:
    lease, run = claimed.lease, claimed.run
    call = run.steps[-1].calls[-1]
    record_observation(tx, lease, call, _DONE, _NOW, facts=())
    run = with_observation(run, call, _DONE) or run
    record_plain_step(tx, lease, run, _NOW, text="", facts=())
    finish(tx, lease, run, _NOW, ending=Ending.ANSWERED, text="", facts=(), streamed=False, legacy=_LEGACY)


def rehearse_reading(connection: sqlite3.Connection) -> None:
    """Look at the newest run that used a tool as a click and its worker do."""
    row = connection.execute("SELECT max(run_id) FROM tool_calls").fetchone()
    has_candidates(connection, _NOW, frozenset())
    if row[0] is None:
        return
    run = load_run(connection, row[0])
    find_approval_of(connection, 0)
    find_approval(connection, 0)
    find_conversation(connection, run.where)
    load_turns(connection, run.conversation_id, run.id, limit=1)
    list_pending(connection, conversation_id=run.conversation_id)
