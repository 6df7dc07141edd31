"""Time: approvals that nobody decided, and asking again."""

import sqlite3
from datetime import datetime

from runtime.facts import EventType, Fact
from runtime.moves import waits_for_person
from runtime.records import ApprovalKind, Requirement, RunId
from runtime.signals import Signal
from runtime.states import APPROVAL, RUN, CallState, RunStatus
from storage.asking import ask, close_cards, withdraw
from storage.encoding import micros, optional_moment
from storage.events import append_at_rest, append_events
from storage.guards import guard, move
from storage.loading import load_run
from storage.outbox import owe_card_updates
from storage.transaction import Transaction


def expire_due(tx: Transaction, at: datetime) -> int:
    """Expire every approval whose time has passed, and the runs that waited for them. Returns how many approvals."""
    due = tx.execute(_DUE, (micros(at),)).fetchall()
    for approval_id, run_id in due:
        tx.execute(_EXPIRE, (approval_id,))
        if load_run(tx, run_id).status is RunStatus.WAITING:
            expire_run(tx, run_id, at)
        else:
            owe_card_updates(tx, at, approval_id)
    return len(due)


_DUE = "SELECT id, run_id FROM approvals WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at, id"
_EXPIRE = f"UPDATE approvals SET {move(APPROVAL, 'expired')} WHERE id = ? AND {guard(APPROVAL, 'expired')}"


def expire_run(tx: Transaction, run_id: int, at: datetime) -> None:
    """End the waiting of a run one of whose approvals ran out; siblings that are still pending are withdrawn."""
    tx.execute(_EXPIRE_SAME_TIME, (run_id, micros(at)))
    tx.execute(_EXPIRE_RUN, (run_id,))
    withdraw(tx, run_id, at)
    owe_expired_cards(tx, run_id, at)
    append_at_rest(tx, run_id, at, [Fact(EventType.RUN_EXPIRED, {})])
    tx.wake(Signal.RUNS)


def expire_unless_asked(tx: Transaction, run_id: int, call_id: int, at: datetime) -> None:
    """End the waiting of a run for this call where its approval ran out while the run was busy with earlier ones: nobody could
    decide it any more."""
    if tx.execute(_IS_ASKED, (call_id,)).fetchone() is None:
        expire_run(tx, run_id, at)


_IS_ASKED = "SELECT 1 FROM approvals WHERE call_id = ? AND status = 'pending'"
_EXPIRE_SAME_TIME = f"""
UPDATE approvals SET {move(APPROVAL, "expired")}
WHERE run_id = ? AND expires_at <= ? AND {guard(APPROVAL, "expired")}
"""
_EXPIRE_RUN = f"UPDATE runs SET {move(RUN, 'expired')} WHERE id = ? AND {guard(RUN, 'expired')}"


def owe_expired_cards(tx: Transaction, run_id: int, at: datetime) -> None:
    """Whether a card offers to ask again follows its run, so its expired cards change whenever the run does."""
    for (approval_id,) in tx.execute(_EXPIRED, (run_id,)).fetchall():
        owe_card_updates(tx, at, approval_id)


_EXPIRED = "SELECT id FROM approvals WHERE run_id = ? AND status = 'expired' ORDER BY id"


def ask_again(tx: Transaction, run_id: RunId, at: datetime, *, by: str, expires_at: datetime | None) -> bool:
    """Ask anew for the stored calls of an expired run. False: the run is not expired (any more)."""
    if tx.execute(_ASK_AGAIN, (run_id,)).rowcount != 1:
        return False
    for step in load_run(tx, run_id).steps[-1:]:
        for call in step.calls:
            if call.state is CallState.AWAITING_APPROVAL:
                kind, requirement, preview, target = tx.execute(_SHOWN, (call.id,)).fetchone()
                ask(
                    tx, at, run_id=run_id, call_id=call.id, kind=ApprovalKind(kind),
                    requirement=Requirement(requirement), expires_at=expires_at, preview=preview, target=target,
                )  # fmt: skip
    owe_expired_cards(tx, run_id, at)
    tx.wake(Signal.RUNS)
    if waits_for_person(load_run(tx, run_id)):
        append_at_rest(tx, run_id, at, [Fact(EventType.RUN_WAITING_FOR_APPROVAL, {"asked_again_by": by})])
        return True
    # Somebody let an earlier call of the step run again meanwhile: that one comes first, and waits for nobody.
    append_events(tx, run_id, at, [Fact(EventType.RUN_CONTINUED, {"asked_again_by": by})])
    tx.execute(_GO_ON, (run_id,))
    tx.wake(Signal.QUEUED)
    return True


_GO_ON = f"UPDATE runs SET {move(RUN, 'settled')}, resumed = 1 WHERE id = ? AND {guard(RUN, 'settled')}"
_ASK_AGAIN = f"UPDATE runs SET {move(RUN, 'asked_again')} WHERE id = ? AND {guard(RUN, 'asked_again')}"
_SHOWN = "SELECT kind, requirement, preview, target FROM approvals WHERE call_id = ? ORDER BY id DESC LIMIT 1"


def end_expired(tx: Transaction, run_id: int, at: datetime, *, by: str) -> None:
    """End an expired run for good: what it would ask again is to be forgotten. Its cards lose "Ask again"."""
    tx.execute(_END_EXPIRED, (by, micros(at), run_id))
    close_cards(tx, run_id, at)
    owe_expired_cards(tx, run_id, at)
    append_at_rest(tx, run_id, at, [Fact(EventType.RUN_CANCELLED, {"by": by})])
    tx.wake(Signal.RUNS)


_END_EXPIRED = f"""
UPDATE runs SET {move(RUN, "forgotten")}, cancelled_by = ?, ended_at = ? WHERE id = ? AND {guard(RUN, "forgotten")}
"""


def next_expiry(connection: sqlite3.Connection) -> datetime | None:
    """When the next pending approval runs out."""
    row = connection.execute(_NEXT).fetchone()
    return optional_moment(row[0])


_NEXT = "SELECT min(expires_at) FROM approvals WHERE status = 'pending' AND expires_at IS NOT NULL"
