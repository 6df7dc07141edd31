"""Settling approvals: the first decision wins, and nobody needs a lease to make it."""

from datetime import datetime, timedelta

from runtime.facts import EventType, Fact
from runtime.grants import words_of
from runtime.moves import Execute, call_to_decide, next_move
from runtime.proposals import Claimed, Settled
from runtime.records import (
    Approval,
    ApprovalId,
    CallId,
    Decision,
    Denial,
    DeniedBy,
    Grant,
    GrantKind,
    Observation,
    Run,
    ToolCall,
    Verdict,
)
from runtime.signals import Signal
from runtime.states import APPROVAL, CALL, RUN, ApprovalStatus, RunStatus
from storage.asking import withdraw
from storage.encoding import micros, observation_to_json
from storage.events import append_at_rest, append_events, append_outside
from storage.expiry import expire_due, expire_unless_asked
from storage.grants import insert_grant
from storage.guards import guard, move
from storage.leases import claim_loaded
from storage.loading import find_approval, load_run
from storage.outbox import owe_card_updates
from storage.progress import NO_LIMIT, begin
from storage.transaction import Transaction

# What each verdict makes of the approval and of its call: triggers of the two state tables.
_TRIGGERS: dict[Verdict, tuple[str, str]] = {
    Verdict.APPROVE: ("approved", "approved"),
    Verdict.DENY: ("denied", "denied"),
    Verdict.CHANGE: ("changes_requested", "changes_requested"),
    Verdict.MARK_DONE: ("answered", "observed"),
    Verdict.MARK_FAILED: ("answered", "observed"),
    Verdict.RETRY: ("answered", "retried"),
    Verdict.ANSWER: ("answered", "answered"),
}


def settle(
    tx: Transaction, approval_id: ApprovalId, decision: Decision, *, grant: Grant | None, worker_id: int,
    lease_for: timedelta | None,
) -> Settled:  # fmt: skip
    """Record a decision if the approval is still pending and not past its time; the first one wins.

    With `lease_for` a run that need not wait any longer is claimed at once, where its conversation is free.
    """
    at = decision.at
    settled, moved = _TRIGGERS[decision.verdict]
    if tx.execute(_SETTLE[settled], {"id": approval_id, "at": micros(at)}).rowcount != 1:
        return _standing(tx, approval_id, at)
    tx.execute(
        _DECIDE,
        (
            approval_id, decision.verdict.value, decision.grant.value if decision.grant else None, str(decision.by),
            decision.by_name, decision.comment, decision.where, micros(at),
        ),
    )  # fmt: skip
    approval = _load_approval(tx, approval_id)
    _move_call(tx, approval.call_id, moved, decision)
    if decision.verdict is Verdict.CHANGE:
        withdraw(tx, approval.run_id, at, keep=approval_id)
    if grant is not None:
        insert_grant(tx, grant)
    owe_card_updates(tx, at, approval_id)
    tx.wake(Signal.EXPIRY)
    run = load_run(tx, approval.run_id)
    call = run.find_call(approval.call_id)
    assert call is not None  # noqa: S101  foreign keys hold it
    fact = _decided(approval, call, decision, grant)
    if run.status is not RunStatus.WAITING:
        append_outside(tx, run.id, at, [fact])
        return Settled(won=True, approval=approval)
    if (waiting_for := call_to_decide(run)) is not None:
        append_at_rest(tx, run.id, at, [fact])
        expire_unless_asked(tx, run.id, waiting_for.id, at)
        return Settled(won=True, approval=approval)
    append_events(tx, run.id, at, [fact, Fact(EventType.RUN_CONTINUED, {"approval": approval_id})])
    tx.execute(_CONTINUE, (run.id,))
    tx.wake(Signal.RUNS)
    claimed = _claim_if_free(tx, run, at, worker_id=worker_id, lease_for=lease_for)
    return Settled(won=True, approval=approval, claimed=claimed)


# The time is checked in the statement that settles: no click can slip in behind the expiry.
_SETTLE = {
    trigger: f"""
UPDATE approvals SET {move(APPROVAL, trigger)}
WHERE id = :id AND {guard(APPROVAL, trigger)} AND (expires_at IS NULL OR expires_at > :at)
"""
    for trigger in ("approved", "denied", "changes_requested", "answered")
}
_DECIDE = """
INSERT INTO decisions (approval_id, verdict, grant_scope, decided_by, name, comment, place, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_CONTINUE = f"UPDATE runs SET {move(RUN, 'settled')}, resumed = 1 WHERE id = ? AND {guard(RUN, 'settled')}"


def _standing(tx: Transaction, approval_id: ApprovalId, at: datetime) -> Settled:
    """The approval as it stands; one whose time has passed is expired here and now."""
    approval = _load_approval(tx, approval_id)
    if approval.status is ApprovalStatus.PENDING:
        expire_due(tx, at)
        approval = _load_approval(tx, approval_id)
    return Settled(won=False, approval=approval)


def _load_approval(tx: Transaction, approval_id: int) -> Approval:
    approval = find_approval(tx, approval_id)
    assert approval is not None  # noqa: S101  the caller looked it up; approvals go only with their run
    return approval


def _decided(approval: Approval, call: ToolCall, decision: Decision, grant: Grant | None) -> Fact:
    body: dict[str, object] = {
        "approval": approval.id,
        "call": call.id,
        "tool": call.tool,
        "digest": call.digest,
        "verdict": decision.verdict.value,
        "by": str(decision.by),
        "where": decision.where,
    }
    if decision.comment:
        body["comment"] = decision.comment
    if decision.grant:
        body["grant"] = decision.grant.value
    if grant is not None and (grant.kind is not GrantKind.EXACT or grant.expires_at or grant.most_uses):
        body["allows"] = words_of(grant)
    return Fact(EventType.APPROVAL_DECIDED, body)


def _move_call(tx: Transaction, call_id: CallId, trigger: str, decision: Decision) -> None:
    denial = _denial(decision)
    observation = _outcome(decision)
    changed = tx.execute(
        _MOVE_CALL[trigger],
        {
            "id": call_id,
            "observation": observation_to_json(observation) if observation else None,
            "denied_by": denial.by.value if denial else None,
            "denial": denial.reason if denial else "",
            "denier": denial.who if denial else "",
        },
    )
    assert changed.rowcount == 1, f"call {call_id} had a pending approval, and cannot be {trigger}"  # noqa: S101


_MOVE_CALL = {
    trigger: f"""
UPDATE call_states SET {move(CALL, trigger, "state")}, observation = :observation, denied_by = :denied_by,
                       denial = :denial, denier = :denier, attempt = attempt + {int(trigger == "retried")}
WHERE call_id = :id AND {guard(CALL, trigger, "state")}
"""
    for trigger in ("approved", "denied", "changes_requested", "answered", "observed", "retried")
}


def _denial(decision: Decision) -> Denial | None:
    who = decision.by_name or str(decision.by)
    match decision.verdict:
        case Verdict.DENY:
            return Denial(by=DeniedBy.PERSON, reason=decision.comment, who=who)
        case _:
            return None


def _outcome(decision: Decision) -> Observation | None:
    who, said = decision.by_name or str(decision.by), f": {decision.comment}" if decision.comment else "."
    metadata = {"marked_by": str(decision.by)}
    match decision.verdict:
        case Verdict.MARK_DONE:
            return Observation(
                ok=True, text=f"{who} checked and says that this call took effect{said}", metadata=metadata
            )
        case Verdict.MARK_FAILED:
            text = f"{who} checked and says that this call did not take effect{said}"
            return Observation(ok=False, text=text, error="marked_failed", metadata=metadata)
        case Verdict.ANSWER:
            answered = {"answered_by": str(decision.by)}
            return Observation(ok=True, text=f"{who} answered: {decision.comment}", metadata=answered)
        case _:
            return None


def _claim_if_free(
    tx: Transaction, run: Run, at: datetime, *, worker_id: int, lease_for: timedelta | None
) -> Claimed | None:
    busy = tx.execute(_RUNNING, (run.conversation_id,)).fetchone() is not None
    if lease_for is None or busy:
        tx.wake(Signal.QUEUED)
        return None
    claimed = claim_loaded(tx, at, run, worker_id=worker_id, lease_for=lease_for)
    match next_move(claimed.run, max_steps=NO_LIMIT):
        case Execute(call) if not call.target:
            # Committed together with the decision: whoever clicked waits for one flush of the disk less.
            begun = begin(tx, run.id, call, at)
            return Claimed(lease=claimed.lease, run=claimed.run.with_call(begun), begun=call.id)
        case _:
            return claimed


_RUNNING = "SELECT 1 FROM runs WHERE conversation_id = ? AND status = 'running'"
