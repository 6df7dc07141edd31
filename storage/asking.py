"""Asking people about a call, and taking the question back."""

from datetime import datetime

from runtime.facts import EventType, Fact
from runtime.records import ApprovalId, ApprovalKind, Observation, Requirement
from runtime.signals import Signal
from runtime.states import APPROVAL, CALL
from storage.encoding import micros, observation_to_json, optional_micros
from storage.events import append_events
from storage.guards import guard, move
from storage.outbox import owe_card, owe_card_updates
from storage.transaction import Transaction

NOT_RUN = Observation(ok=False, text="This call was not run.", error="not_run")


def ask(
    tx: Transaction, at: datetime, *, run_id: int, call_id: int, kind: ApprovalKind, requirement: Requirement,
    expires_at: datetime | None, preview: str, target: str,
) -> ApprovalId:  # fmt: skip
    """Ask people about a call: the approval, its card and its event."""
    approval_id = tx.insert(
        _ASK, (run_id, call_id, kind.value, requirement.value, preview, target, micros(at), optional_micros(expires_at))
    )
    tx.execute(_POINT, (approval_id, call_id))
    digest = tx.execute(_DIGEST, (call_id,)).fetchone()[0].hex()
    body = {"approval": approval_id, "call": call_id, "kind": kind.value, "who": requirement.value, "digest": digest}
    append_events(tx, run_id, at, [Fact(EventType.TOOL_APPROVAL_REQUESTED, body)])
    owe_card(tx, at, run_id, approval_id)
    if expires_at is not None:
        tx.wake(Signal.EXPIRY)
    return ApprovalId(approval_id)


_ASK = """
INSERT INTO approvals (run_id, call_id, kind, status, requirement, preview, target, requested_at, expires_at)
VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?)
"""
_POINT = "UPDATE call_states SET approval_id = ? WHERE call_id = ?"
_DIGEST = "SELECT digest FROM tool_calls WHERE id = ?"


def withdraw(tx: Transaction, run_id: int, at: datetime, *, keep: int = 0) -> None:
    """Take back what nobody has decided yet of a run's calls, but `keep`; they are observed as "not run". Whether a call
    took effect must still be said."""
    for approval_id, call_id in tx.execute(_UNDECIDED, (run_id, keep)).fetchall():
        tx.execute(_WITHDRAW, (approval_id,))
        tx.execute(_NOT_RUN, (observation_to_json(NOT_RUN), call_id))
        owe_card_updates(tx, at, approval_id)


_UNDECIDED = """
SELECT id, call_id FROM approvals WHERE run_id = ? AND status = 'pending' AND kind <> 'outcome' AND id <> ?
"""
_WITHDRAW = f"UPDATE approvals SET {move(APPROVAL, 'withdrawn')} WHERE id = ? AND {guard(APPROVAL, 'withdrawn')}"
_NOT_RUN = f"""
UPDATE call_states SET {move(CALL, "withdrawn", "state")}, observation = ?
WHERE call_id = ? AND {guard(CALL, "withdrawn", "state")}
"""


def close_cards(tx: Transaction, run_id: int, at: datetime) -> None:
    """Take back everything that is still asked for a run that ends."""
    for (approval_id,) in tx.execute(_ALL_UNDECIDED, (run_id,)).fetchall():
        tx.execute(_WITHDRAW, (approval_id,))
        owe_card_updates(tx, at, approval_id)


_ALL_UNDECIDED = "SELECT id FROM approvals WHERE run_id = ? AND status = 'pending'"
