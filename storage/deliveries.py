"""Deliveries on their way: claimed, sent, deferred, given up. The courier's half of the outbox."""

import sqlite3
from datetime import datetime

from runtime.pauses import LONGEST_PAUSE
from runtime.records import (
    ApprovalId,
    ConversationRef,
    Delivery,
    DeliveryId,
    MessageRef,
    RunId,
    UserRef,
)
from runtime.signals import Signal
from runtime.states import DELIVERY, DeliveryStatus
from storage.encoding import from_json, messages_from_json, messages_to_json, micros, moment, optional_moment, to_json
from storage.guards import guard, is_due, move, undelivered
from storage.outbox import owe
from storage.transaction import Transaction


def claim_deliveries(
    tx: Transaction, at: datetime, *, worker_id: int, platforms: frozenset[str], limit: int
) -> list[Delivery]:
    """Take what is due for these platforms, approval traffic first. Each is marked as being sent before it is."""
    wanted = to_json(sorted(platforms))
    due = tx.execute(_DUE, {"at": micros(at), "platforms": wanted, "limit": limit}).fetchall()
    for row in due:
        tx.execute(_CLAIM, (worker_id, row[0]))
    return [_delivery(row) for row in due]


def has_due(connection: sqlite3.Connection, at: datetime, platforms: frozenset[str]) -> bool:
    """Whether `claim_deliveries` would find anything: looked up before a transaction is spent on it."""
    parameters = {"at": micros(at), "platforms": to_json(sorted(platforms)), "limit": 1}
    return connection.execute(_DUE, parameters).fetchone() is not None


_DUE = f"""
SELECT d.id, d.run_id, d.approval_id, d.target_id, c.platform, c.space, c.channel, c.thread, c.direct, d.person, d.kind,
       d.body, d.form, d.attempts, d.tried, d.sent, coalesce(t.created_at, d.created_at), t.sent
FROM deliveries AS d
JOIN conversations AS c ON c.id = d.conversation_id
LEFT JOIN deliveries AS t ON t.id = d.target_id
WHERE {undelivered("d")} AND d.status = 'owed' AND {is_due("d.not_before", LONGEST_PAUSE)}
  AND c.platform IN (SELECT value FROM json_each(:platforms))
ORDER BY d.priority, d.id
LIMIT :limit
"""
_CLAIM = f"""
UPDATE deliveries SET {move(DELIVERY, "claimed")}, worker_id = ?, tried = 1, attempts = attempts + 1
WHERE id = ? AND {guard(DELIVERY, "claimed")}
"""


def _delivery(row: tuple[object, ...]) -> Delivery:
    (
        id_, run_id, approval_id, target, platform, space, channel, thread, direct, person, kind, body, form,
        attempts, tried, sent, created_at, target_sent,
    ) = row  # fmt: skip
    return Delivery(
        id=DeliveryId(id_),  # type: ignore[arg-type]  # columns of a STRICT table
        run_id=None if run_id is None else RunId(run_id),  # type: ignore[arg-type]  # columns of a STRICT table
        approval_id=None if approval_id is None else ApprovalId(approval_id),  # type: ignore[arg-type]  # as above
        target=None if target is None else DeliveryId(target),  # type: ignore[arg-type]  # as above
        where=ConversationRef(platform=str(platform), space=str(space), channel=str(channel), thread=str(thread)),
        direct=bool(direct),
        person=UserRef.parse(str(person)),
        kind=str(kind),
        body=from_json(str(body)),
        status=DeliveryStatus.SENDING,
        attempts=int(attempts) + 1,  # type: ignore[call-overload]  # as above
        form=str(form),
        sent=messages_from_json(str(target_sent if kind == "card_update" else sent)),
        tried_before=bool(tried),
        created_at=moment(created_at),  # type: ignore[arg-type]  # as above
    )


def record_piece_sent(tx: Transaction, delivery: DeliveryId, sent: tuple[MessageRef, ...]) -> None:
    """One more message of a delivery stands: it is not posted again after a crash."""
    tx.execute(_PIECE, (messages_to_json(sent), delivery))


_PIECE = "UPDATE deliveries SET sent = ? WHERE id = ? AND status = 'sending'"


def settle_sent(tx: Transaction, delivery: DeliveryId, at: datetime, *, sent: tuple[MessageRef, ...] | None) -> None:
    """A delivery stands on its platform. A card whose approval was settled meanwhile is owed its update at once."""
    if sent is None:
        tx.execute(_SENT, (delivery,))
    else:
        tx.execute(_SENT_AS, (messages_to_json(sent), delivery))
    _close_if_settled(tx, delivery, at)


def _close_if_settled(tx: Transaction, card: DeliveryId, at: datetime) -> None:
    row = tx.execute(_SETTLED_CARD, (card,)).fetchone()
    if row is not None:
        run_id, approval_id, conversation_id, person = row
        owe(
            tx, at, kind="card_update", conversation_id=conversation_id, person=person, run_id=run_id,
            approval_id=approval_id, target_id=card,
        )  # fmt: skip


_SENT = f"UPDATE deliveries SET {move(DELIVERY, 'sent')}, worker_id = NULL WHERE id = ? AND {guard(DELIVERY, 'sent')}"
_SENT_AS = f"""
UPDATE deliveries SET {move(DELIVERY, "sent")}, worker_id = NULL, sent = ? WHERE id = ? AND {guard(DELIVERY, "sent")}
"""
_SETTLED_CARD = """
SELECT d.run_id, d.approval_id, d.conversation_id, d.person
FROM deliveries AS d JOIN approvals AS a ON a.id = d.approval_id
WHERE d.id = ? AND d.kind = 'card' AND a.status <> 'pending'
"""


def defer(
    tx: Transaction, delivery: DeliveryId, *, not_before: datetime, error: str, form: str | None, unsent: bool,
    counted: bool,
) -> None:  # fmt: skip
    """Try again at `not_before`, in another form where one is named. `unsent`: it is certain that nothing was posted.
    What was put off, by the platform or by a shutdown, is not `counted` among the attempts."""
    tx.execute(
        _DEFER,
        {
            "id": delivery, "not_before": micros(not_before), "error": error, "form": form, "unsent": int(unsent),
            "counted": int(counted),
        },
    )  # fmt: skip


_DEFER = f"""
UPDATE deliveries SET {move(DELIVERY, "deferred")}, worker_id = NULL, not_before = :not_before, error = :error,
       attempts = CASE WHEN :form IS NOT NULL THEN 0 WHEN :counted THEN attempts ELSE attempts - 1 END,
       form = coalesce(:form, form),
       tried = CASE WHEN :unsent THEN 0 ELSE tried END
WHERE id = :id AND {guard(DELIVERY, "deferred")}
"""


def look_for_people_again(tx: Transaction, platform: str) -> None:
    """What waits until somebody can be found on a platform is due at once: whoever begins to serve it may find them."""
    if tx.execute(_LOOK_AGAIN, (platform,)).rowcount:
        tx.wake(Signal.OWED)


_LOOK_AGAIN = f"""
UPDATE deliveries SET not_before = 0
WHERE {undelivered("deliveries")} AND status = 'owed' AND not_before > 0
  AND conversation_id IN (SELECT id FROM conversations WHERE platform = ? AND channel = '')
"""


def move_to_direct(tx: Transaction, delivery: DeliveryId, conversation_id: int) -> None:
    """From now on the delivery goes to another conversation, the requester's own, and stands nowhere yet."""
    tx.execute("UPDATE deliveries SET conversation_id = ?, sent = '[]' WHERE id = ?", (conversation_id, delivery))


def owe_copy(tx: Transaction, card: DeliveryId, conversation_id: int, *, form: str, error: str, at: datetime) -> None:
    """Owe a plainer copy in the place of a card that may stand or not. Both are closed once the approval is settled."""
    if tx.execute(_GIVE_WAY, (error, card)).rowcount != 1:
        return
    tx.execute(_COPY, {"id": card, "conversation_id": conversation_id, "form": form, "at": micros(at)})
    _close_if_settled(tx, card, at)
    tx.wake(Signal.OWED)


_GIVE_WAY = f"""
UPDATE deliveries SET {move(DELIVERY, "superseded")}, worker_id = NULL, error = ?
WHERE id = ? AND {guard(DELIVERY, "superseded")}
"""
_COPY = """
INSERT INTO deliveries (run_id, approval_id, conversation_id, person, kind, body, form, priority, status, created_at)
SELECT run_id, approval_id, :conversation_id, person, kind, body, :form, priority, 'owed', :at FROM deliveries WHERE id = :id
"""


def give_up(tx: Transaction, delivery: DeliveryId, *, error: str) -> None:
    """Nothing more can be tried. It stays on record as dead."""
    tx.execute(_DEAD, (error, delivery))


_DEAD = f"""
UPDATE deliveries SET {move(DELIVERY, "refused")}, worker_id = NULL, error = ? WHERE id = ? AND {guard(DELIVERY, "refused")}
"""


def take_back_deliveries(tx: Transaction, *, dead: frozenset[int]) -> int:
    """Owe again what dead workers were sending. It may stand on the platform already: `tried` says so."""
    changed = tx.execute(_TAKE_BACK, (to_json(sorted(dead)),)).rowcount
    if changed:
        tx.wake(Signal.OWED)
    return changed


# A streamed answer that its run has not finished yet stays with the run, which takes it over when it answers anew.
_TAKE_BACK = f"""
UPDATE deliveries SET {move(DELIVERY, "deferred")}, worker_id = NULL
WHERE {guard(DELIVERY, "deferred")} AND worker_id IN (SELECT value FROM json_each(?))
  AND (kind <> 'answer' OR body <> '{{}}')
"""


def next_due(connection: sqlite3.Connection, platforms: frozenset[str]) -> datetime | None:
    """When the next deferred delivery of these platforms is due."""
    return optional_moment(connection.execute(_NEXT_DUE, (to_json(sorted(platforms)),)).fetchone()[0])


_NEXT_DUE = f"""
SELECT min(d.not_before) FROM deliveries AS d JOIN conversations AS c ON c.id = d.conversation_id
WHERE {undelivered("d")} AND d.status = 'owed' AND c.platform IN (SELECT value FROM json_each(?))
"""
