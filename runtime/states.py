"""The state machines: each table is all there is to know about what may follow what.

Storage renders its guards from these tables; docs/state-machine.md is tested equal to them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias, TypeVar


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CHANGES_REQUESTED = "changes_requested"
    ANSWERED = "answered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class CallState(StrEnum):
    PROPOSED = "proposed"
    READY = "ready"
    AWAITING_APPROVAL = "awaiting_approval"
    DENIED = "denied"
    CHANGES_REQUESTED = "changes_requested"
    STARTED = "started"
    OBSERVED = "observed"
    OUTCOME_UNKNOWN = "outcome_unknown"


class DeliveryStatus(StrEnum):
    OWED = "owed"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


class AfterthoughtStatus(StrEnum):
    OWED = "owed"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LinkStatus(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


S = TypeVar("S", bound=StrEnum)
Table: TypeAlias = Mapping[tuple[S, str], S]

RUN: Table[RunStatus] = {
    (RunStatus.QUEUED, "claimed"): RunStatus.RUNNING,
    (RunStatus.RUNNING, "suspended"): RunStatus.WAITING,
    (RunStatus.WAITING, "settled"): RunStatus.QUEUED,
    (RunStatus.RUNNING, "released"): RunStatus.QUEUED,
    (RunStatus.RUNNING, "lease_expired"): RunStatus.QUEUED,
    (RunStatus.RUNNING, "exhausted"): RunStatus.FAILED,
    (RunStatus.RUNNING, "answered"): RunStatus.COMPLETED,
    (RunStatus.RUNNING, "gave_up"): RunStatus.FAILED,
    (RunStatus.WAITING, "expired"): RunStatus.EXPIRED,
    (RunStatus.EXPIRED, "asked_again"): RunStatus.WAITING,
    (RunStatus.EXPIRED, "forgotten"): RunStatus.CANCELLED,
    (RunStatus.QUEUED, "cancelled"): RunStatus.CANCELLED,
    (RunStatus.WAITING, "cancelled"): RunStatus.CANCELLED,
    (RunStatus.RUNNING, "cancelled"): RunStatus.CANCELLED,
}

APPROVAL: Table[ApprovalStatus] = {
    (ApprovalStatus.PENDING, "approved"): ApprovalStatus.APPROVED,
    (ApprovalStatus.PENDING, "denied"): ApprovalStatus.DENIED,
    (ApprovalStatus.PENDING, "changes_requested"): ApprovalStatus.CHANGES_REQUESTED,
    (ApprovalStatus.PENDING, "answered"): ApprovalStatus.ANSWERED,
    (ApprovalStatus.PENDING, "expired"): ApprovalStatus.EXPIRED,
    (ApprovalStatus.PENDING, "withdrawn"): ApprovalStatus.WITHDRAWN,
}

CALL: Table[CallState] = {
    (CallState.PROPOSED, "allowed"): CallState.READY,
    (CallState.PROPOSED, "asked"): CallState.AWAITING_APPROVAL,
    (CallState.PROPOSED, "refused"): CallState.DENIED,
    (CallState.AWAITING_APPROVAL, "approved"): CallState.READY,
    (CallState.AWAITING_APPROVAL, "denied"): CallState.DENIED,
    (CallState.AWAITING_APPROVAL, "changes_requested"): CallState.CHANGES_REQUESTED,
    (CallState.AWAITING_APPROVAL, "answered"): CallState.OBSERVED,
    (CallState.AWAITING_APPROVAL, "withdrawn"): CallState.OBSERVED,
    (CallState.READY, "stale"): CallState.AWAITING_APPROVAL,
    (CallState.READY, "started"): CallState.STARTED,
    (CallState.STARTED, "put_back"): CallState.READY,
    (CallState.STARTED, "observed"): CallState.OBSERVED,
    (CallState.STARTED, "lost"): CallState.OUTCOME_UNKNOWN,
    (CallState.DENIED, "observed"): CallState.OBSERVED,
    (CallState.CHANGES_REQUESTED, "observed"): CallState.OBSERVED,
    (CallState.OUTCOME_UNKNOWN, "observed"): CallState.OBSERVED,
    (CallState.OUTCOME_UNKNOWN, "retried"): CallState.READY,
}

DELIVERY: Table[DeliveryStatus] = {
    (DeliveryStatus.OWED, "claimed"): DeliveryStatus.SENDING,
    (DeliveryStatus.OWED, "superseded"): DeliveryStatus.SUPERSEDED,
    (DeliveryStatus.SENDING, "sent"): DeliveryStatus.SENT,
    (DeliveryStatus.SENDING, "deferred"): DeliveryStatus.OWED,
    (DeliveryStatus.SENDING, "refused"): DeliveryStatus.DEAD,
    (DeliveryStatus.SENDING, "superseded"): DeliveryStatus.SUPERSEDED,
}

AFTERTHOUGHT: Table[AfterthoughtStatus] = {
    (AfterthoughtStatus.OWED, "claimed"): AfterthoughtStatus.RUNNING,
    (AfterthoughtStatus.RUNNING, "done"): AfterthoughtStatus.DONE,
    (AfterthoughtStatus.RUNNING, "released"): AfterthoughtStatus.OWED,
    (AfterthoughtStatus.RUNNING, "failed"): AfterthoughtStatus.FAILED,
}

LINK: Table[LinkStatus] = {
    (LinkStatus.OPEN, "confirmed"): LinkStatus.CONFIRMED,
    (LinkStatus.OPEN, "refused"): LinkStatus.REFUSED,
    (LinkStatus.OPEN, "expired"): LinkStatus.EXPIRED,
    (LinkStatus.OPEN, "withdrawn"): LinkStatus.WITHDRAWN,
}


def from_statuses(table: Table[S], trigger: str) -> tuple[S, ...]:
    """The statuses that a trigger may start from, in the table's order. Raises KeyError for a trigger it lacks."""
    found = tuple(status for status, name in table if name == trigger)
    if not found:
        raise KeyError(trigger)
    return found


def to_status(table: Table[S], trigger: str) -> S:
    """The one status that a trigger leads to. Raises KeyError for a trigger that the table lacks."""
    found = {after for (_, name), after in table.items() if name == trigger}
    if len(found) != 1:
        raise KeyError(trigger)
    return found.pop()


def is_terminal(table: Table[S], status: S) -> bool:
    """Whether nothing follows. An expired run is not terminal: it can be asked again."""
    return all(before != status for before, _ in table)
