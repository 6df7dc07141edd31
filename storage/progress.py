"""What a worker writes while it carries a run. Every unit takes the lease first, and returns the run as it then stands."""

from datetime import datetime

from runtime.errors import StateConflict
from runtime.facts import EventType, Fact
from runtime.moves import Suspend, next_move
from runtime.proposals import ProposedCall
from runtime.records import ApprovalKind, Attachment, Lease, Observation, Requirement, Run, ToolCall
from runtime.signals import Signal
from runtime.states import CALL, RUN, CallState
from storage.asking import ask
from storage.encoding import attachments_to_json, observation_to_json, to_json
from storage.events import append_events, record_head
from storage.expiry import expire_run
from storage.guards import guard, move
from storage.leases import check_lease
from storage.loading import load_run
from storage.writer import Transaction


def record_attachments(tx: Transaction, lease: Lease, attachments: tuple[Attachment, ...]) -> Run:
    """Keep what was fetched of a message's files."""
    check_lease(tx, lease)
    tx.execute(_ATTACHMENTS, (attachments_to_json(attachments), lease.run_id))
    return load_run(tx, lease.run_id)


_ATTACHMENTS = "UPDATE runs SET attachments = ? WHERE id = ?"


def record_step(
    tx: Transaction, lease: Lease, at: datetime, *, text: str, calls: tuple[ProposedCall, ...], facts: tuple[Fact, ...]
) -> Run:
    """Record a directive: the calls with what the policy ruled, their approvals and cards, all at once."""
    check_lease(tx, lease)
    number = tx.execute(_NEXT_STEP, (lease.run_id,)).fetchone()[0]
    tx.execute(_INSERT_STEP, (lease.run_id, number, text))
    append_events(tx, lease.run_id, at, facts)
    tx.execute(_MODEL_IS_BACK, (lease.run_id,))
    for position, call in enumerate(calls, start=1):
        _propose(tx, lease, at, step=number, position=position, call=call)
    return load_run(tx, lease.run_id)


_NEXT_STEP = "SELECT coalesce(max(number), 0) + 1 FROM steps WHERE run_id = ?"
_INSERT_STEP = "INSERT INTO steps (run_id, number, text) VALUES (?, ?, ?)"
_MODEL_IS_BACK = "UPDATE runs SET model_away_since = NULL WHERE id = ? AND model_away_since IS NOT NULL"


def _propose(tx: Transaction, lease: Lease, at: datetime, *, step: int, position: int, call: ProposedCall) -> None:
    ruling, denial = call.ruling, call.ruling.denial
    call_id = tx.insert(
        _INSERT_CALL,
        (
            lease.run_id, step, position, call.tool, call.version, to_json(call.arguments), bytes.fromhex(call.digest),
            call.effect.value, call.risk.value, call.reason, call.why_asked,
        ),
    )  # fmt: skip
    tx.execute(
        _INSERT_STATE,
        (
            call_id,
            ruling.state.value,
            denial.by.value if denial else None,
            denial.reason if denial else "",
            denial.who if denial else "",
        ),
    )
    if ruling.state is CallState.AWAITING_APPROVAL:
        ask(
            tx, at, run_id=lease.run_id, call_id=call_id, kind=ApprovalKind.PERMISSION, requirement=ruling.requirement,
            expires_at=ruling.expires_at, preview=call.preview, target=call.target,
        )  # fmt: skip
    if ruling.grant is not None:
        tx.execute(_USE_GRANT, (ruling.grant,))


_INSERT_CALL = """
INSERT INTO tool_calls (run_id, step, number, tool, version, arguments, digest, effect, risk, reason, why_asked)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_STATE = "INSERT INTO call_states (call_id, state, denied_by, denial, denier) VALUES (?, ?, ?, ?, ?)"
_USE_GRANT = "UPDATE grants SET uses = uses + 1 WHERE id = ?"


def mark_started(tx: Transaction, lease: Lease, call: ToolCall, at: datetime) -> None:
    """Compare-and-set: the last thing before the tool runs. Whoever loses must not run it."""
    check_lease(tx, lease)
    if tx.execute(_START, (call.id,)).rowcount != 1:
        raise StateConflict(f"call {call.id} was not ready to start")
    body = {"call": call.id, "tool": call.tool, "digest": call.digest, "attempt": call.attempt}
    append_events(tx, lease.run_id, at, [Fact(EventType.TOOL_CALL_STARTED, body)])


_START = (
    f"UPDATE call_states SET {move(CALL, 'started', 'state')} WHERE call_id = ? AND {guard(CALL, 'started', 'state')}"
)


def record_observation(
    tx: Transaction,
    lease: Lease,
    call: ToolCall,
    observation: Observation,
    at: datetime,
    *,
    facts: tuple[Fact, ...] = (),
) -> Run:
    """What came back from a call, or what is told in its place."""
    check_lease(tx, lease)
    if tx.execute(_OBSERVE, (observation_to_json(observation), call.id)).rowcount != 1:
        raise StateConflict(f"call {call.id} cannot be observed now")
    body: dict[str, object] = {"call": call.id, "tool": call.tool, "ok": observation.ok}
    if observation.error:
        body["error"] = observation.error
    body["characters"] = len(observation.text)
    append_events(tx, lease.run_id, at, [*facts, Fact(EventType.TOOL_CALL_FINISHED, body)])
    return load_run(tx, lease.run_id)


_OBSERVE = f"""
UPDATE call_states SET {move(CALL, "observed", "state")}, observation = ?
WHERE call_id = ? AND {guard(CALL, "observed", "state")}
"""


def record_unknown_outcome(
    tx: Transaction, lease: Lease, call: ToolCall, requirement: Requirement, at: datetime, *, why: str,
    facts: tuple[Fact, ...] = (),
) -> Run:  # fmt: skip
    """A started call may or may not have taken effect: a person is asked, and until then nothing goes on."""
    check_lease(tx, lease)
    if tx.execute(_LOSE, (call.id,)).rowcount != 1:
        raise StateConflict(f"call {call.id} was not started")
    body = {"call": call.id, "tool": call.tool, "ok": False, "error": "outcome_unknown", "why": why}
    append_events(tx, lease.run_id, at, [*facts, Fact(EventType.TOOL_CALL_FINISHED, body)])
    ask(
        tx, at, run_id=lease.run_id, call_id=call.id, kind=ApprovalKind.OUTCOME, requirement=requirement,
        expires_at=None, preview=why, target="",
    )  # fmt: skip
    return load_run(tx, lease.run_id)


_LOSE = f"UPDATE call_states SET {move(CALL, 'lost', 'state')} WHERE call_id = ? AND {guard(CALL, 'lost', 'state')}"


def record_stale(
    tx: Transaction, lease: Lease, call: ToolCall, at: datetime, *, requirement: Requirement,
    expires_at: datetime | None, preview: str, target: str,
) -> Run:  # fmt: skip
    """What an approved call would change has changed since it was shown: it is asked again, with a new card."""
    check_lease(tx, lease)
    if tx.execute(_STALE, (call.id,)).rowcount != 1:
        raise StateConflict(f"call {call.id} was not ready")
    ask(
        tx, at, run_id=lease.run_id, call_id=call.id, kind=ApprovalKind.PERMISSION, requirement=requirement,
        expires_at=expires_at, preview=preview, target=target,
    )  # fmt: skip
    return load_run(tx, lease.run_id)


_STALE = f"UPDATE call_states SET {move(CALL, 'stale', 'state')} WHERE call_id = ? AND {guard(CALL, 'stale', 'state')}"


def suspend(tx: Transaction, lease: Lease, at: datetime) -> Run:
    """Let the run wait for a person, unless a click landed meanwhile: then it still runs, and its worker goes on."""
    check_lease(tx, lease)
    run = load_run(tx, lease.run_id)
    waiting_for = next_move(run, max_steps=1_000_000)
    if not isinstance(waiting_for, Suspend):
        return run
    append_events(tx, lease.run_id, at, [Fact(EventType.RUN_WAITING_FOR_APPROVAL, {"call": waiting_for.call.id})])
    tx.execute(_SUSPEND, (lease.run_id,))
    record_head(tx, lease.run_id)
    tx.wake(Signal.RUNS, Signal.QUEUED)
    if tx.execute(_IS_ASKED, (waiting_for.call.id,)).fetchone() is None:
        expire_run(tx, lease.run_id, at)  # its approval ran out while the run was still busy with earlier calls
    return load_run(tx, lease.run_id)


_SUSPEND = f"""
UPDATE runs SET {move(RUN, "suspended")}, lease_token = NULL, lease_expires_at = NULL, worker_id = NULL
WHERE id = ? AND {guard(RUN, "suspended")}
"""
_IS_ASKED = "SELECT 1 FROM approvals WHERE call_id = ? AND status = 'pending'"
