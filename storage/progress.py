"""What a worker writes while it carries a run. Every unit takes the lease first, and returns the run as it then stands."""

from datetime import datetime

from msgspec.structs import replace

from runtime.errors import StateConflict
from runtime.facts import EventType, Fact
from runtime.moves import Suspend, next_move
from runtime.proposals import Returned
from runtime.records import ApprovalKind, Attachment, Lease, Observation, Requirement, Run, ToolCall
from runtime.signals import Signal
from runtime.states import CALL, RUN, CallState
from storage.asking import ask
from storage.encoding import attachments_to_json, observation_to_json
from storage.events import append_events, record_head
from storage.expiry import expire_unless_asked
from storage.guards import guard, move
from storage.leases import check_lease
from storage.loading import load_run
from storage.transaction import Transaction

NO_LIMIT = 1_000_000  # steps: whether a step is the last one decides about what follows it, never about its own calls


def record_attachments(tx: Transaction, lease: Lease, attachments: tuple[Attachment, ...]) -> Run:
    """Keep what was fetched of a message's files."""
    check_lease(tx, lease)
    tx.execute(_ATTACHMENTS, (attachments_to_json(attachments), lease.run_id))
    return load_run(tx, lease.run_id)


_ATTACHMENTS = "UPDATE runs SET attachments = ? WHERE id = ?"


def mark_started(tx: Transaction, lease: Lease, call: ToolCall, at: datetime) -> None:
    """Compare-and-set: the last thing before the tool runs. Whoever loses must not run it."""
    check_lease(tx, lease)
    _start(tx, lease.run_id, call, at)


def _start(tx: Transaction, run_id: int, call: ToolCall, at: datetime) -> None:
    if tx.execute(_START, (call.id,)).rowcount != 1:
        raise StateConflict(f"call {call.id} was not ready to start")
    body = {"call": call.id, "tool": call.tool, "digest": call.digest, "attempt": call.attempt}
    append_events(tx, run_id, at, [Fact(EventType.TOOL_CALL_STARTED, body)])


_START = (
    f"UPDATE call_states SET {move(CALL, 'started', 'state')} WHERE call_id = ? AND {guard(CALL, 'started', 'state')}"
)


def begin(tx: Transaction, run_id: int, call: ToolCall, at: datetime) -> ToolCall:
    """Mark a call as started in the transaction that made it ready: it has no target to be looked at first."""
    _start(tx, run_id, call, at)
    return replace(call, state=CallState.STARTED)


def record_observation(
    tx: Transaction, lease: Lease, call: ToolCall, observation: Observation, at: datetime, *, facts: tuple[Fact, ...]
) -> None:
    """What came back from a call, or what is told in its place."""
    check_lease(tx, lease)
    if tx.execute(_OBSERVE, (observation_to_json(observation), call.id)).rowcount != 1:
        raise StateConflict(f"call {call.id} cannot be observed now")
    body: dict[str, object] = {"call": call.id, "tool": call.tool, "ok": observation.ok}
    if observation.error:
        body["error"] = observation.error
    body["characters"] = len(observation.text)
    append_events(tx, lease.run_id, at, [*facts, Fact(EventType.TOOL_CALL_FINISHED, body)])


def record_returned(tx: Transaction, lease: Lease, returned: Returned | None) -> None:
    """Record what a call came back with, unless that is on record: if the call is still started, a commit that failed took it."""
    if returned is not None and tx.execute(_IS_STARTED, (returned.call.id,)).fetchone() is not None:
        record_observation(tx, lease, returned.call, returned.observation, returned.at, facts=returned.facts)


_IS_STARTED = "SELECT 1 FROM call_states WHERE call_id = ? AND state = 'started'"


def with_observation(run: Run, call: ToolCall, observation: Observation) -> Run | None:
    """The run as it stands once a call was observed; None where a person may have decided about another call meanwhile."""
    if any(each.state in _PEOPLES for each in run.steps[-1].calls if each.id != call.id):
        return None
    return run.with_call(replace(call, state=CallState.OBSERVED, observation=observation))


_PEOPLES = (CallState.AWAITING_APPROVAL, CallState.OUTCOME_UNKNOWN)
_OBSERVE = f"""
UPDATE call_states SET {move(CALL, "observed", "state")}, observation = ?
WHERE call_id = ? AND {guard(CALL, "observed", "state")}
"""


def record_unknown_outcome(
    tx: Transaction, lease: Lease, call: ToolCall, requirement: Requirement, at: datetime, *, why: str,
    facts: tuple[Fact, ...] = (),
) -> Run:  # fmt: skip
    """A started call may or may not have taken effect: a person is asked, and until then nothing goes on. A retry is held to
    what the call was approved for."""
    check_lease(tx, lease)
    if tx.execute(_LOSE, (call.id,)).rowcount != 1:
        raise StateConflict(f"call {call.id} was not started")
    body = {"call": call.id, "tool": call.tool, "ok": False, "error": "outcome_unknown", "why": why}
    append_events(tx, lease.run_id, at, [*facts, Fact(EventType.TOOL_CALL_FINISHED, body)])
    ask(
        tx, at, run_id=lease.run_id, call_id=call.id, kind=ApprovalKind.OUTCOME, requirement=requirement,
        expires_at=None, preview=why, target=call.target,
    )  # fmt: skip
    return load_run(tx, lease.run_id)


_LOSE = f"UPDATE call_states SET {move(CALL, 'lost', 'state')} WHERE call_id = ? AND {guard(CALL, 'lost', 'state')}"


def record_stale(
    tx: Transaction, lease: Lease, call: ToolCall, at: datetime, *, requirement: Requirement,
    expires_at: datetime | None, preview: str, target: str,
) -> Run:  # fmt: skip
    """What an approved call would change has changed since it was shown: it is asked again, with a new card, that says of it
    what `call` says now."""
    check_lease(tx, lease)
    looks = (call.risk.value, call.why_asked, int(call.sends_out), int(call.each_time))
    if tx.execute(_STALE, (*looks, call.id)).rowcount != 1:
        raise StateConflict(f"call {call.id} was not ready")
    ask(
        tx, at, run_id=lease.run_id, call_id=call.id, kind=ApprovalKind.PERMISSION, requirement=requirement,
        expires_at=expires_at, preview=preview, target=target,
    )  # fmt: skip
    return load_run(tx, lease.run_id)


_STALE = f"""
UPDATE call_states SET {move(CALL, "stale", "state")}, risk = ?, why_asked = ?, sends_out = ?, each_time = ?
WHERE call_id = ? AND {guard(CALL, "stale", "state")}
"""


def suspend(tx: Transaction, lease: Lease, at: datetime) -> Run:
    """Let the run wait for a person, unless a click landed meanwhile: then it still runs, and its worker goes on."""
    check_lease(tx, lease)
    run = load_run(tx, lease.run_id)
    waiting_for = next_move(run, max_steps=NO_LIMIT)
    if not isinstance(waiting_for, Suspend):
        return run
    append_events(tx, lease.run_id, at, [Fact(EventType.RUN_WAITING_FOR_APPROVAL, {"call": waiting_for.call.id})])
    tx.execute(_SUSPEND, (lease.run_id,))
    record_head(tx, lease.run_id)
    tx.wake(Signal.RUNS, Signal.QUEUED)
    expire_unless_asked(tx, lease.run_id, waiting_for.call.id, at)
    return load_run(tx, lease.run_id)


_SUSPEND = f"""
UPDATE runs SET {move(RUN, "suspended")}, lease_token = NULL, lease_expires_at = NULL, worker_id = NULL
WHERE id = ? AND {guard(RUN, "suspended")}
"""
