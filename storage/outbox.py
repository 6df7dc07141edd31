"""The outbox: how a delivery comes to be owed. It is always owed in the transaction of what it tells."""

from datetime import datetime

from runtime.records import URGENCY, ConversationRef, DeliveryId, JsonObject, Run
from runtime.signals import Signal
from storage.encoding import micros, to_json
from storage.transaction import Transaction


def owe(
    tx: Transaction,
    at: datetime,
    *,
    kind: str,
    conversation_id: int,
    person: str,
    run_id: int | None = None,
    approval_id: int | None = None,
    target_id: int | None = None,
    body: JsonObject | None = None,
) -> int:
    """Owe a conversation a message; the commit wakes the couriers."""
    tx.wake(Signal.OWED)
    return tx.insert(
        _OWE,
        (
            run_id, approval_id, target_id, conversation_id, person, kind, to_json(body or {}), URGENCY[kind], micros(at),
        ),
    )  # fmt: skip


_OWE = """
INSERT INTO deliveries (run_id, approval_id, target_id, conversation_id, person, kind, body, priority, status, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'owed', ?)
"""


def owe_card(tx: Transaction, at: datetime, run_id: int, approval_id: int) -> int:
    """Owe the run's conversation the card of an approval."""
    conversation_id, person = tx.execute(_PLACE, (run_id,)).fetchone()
    return owe(
        tx, at, kind="card", conversation_id=conversation_id, person=person, run_id=run_id, approval_id=approval_id
    )


def owe_notice(tx: Transaction, at: datetime, run_id: int, markdown: str) -> int:
    """Owe the run's conversation a few words about it."""
    conversation_id, person = tx.execute(_PLACE, (run_id,)).fetchone()
    return owe(
        tx, at, kind="notice", conversation_id=conversation_id, person=person, run_id=run_id,
        body={"markdown": markdown},
    )  # fmt: skip


def owe_card_updates(tx: Transaction, at: datetime, approval_id: int) -> None:
    """Owe every copy of an approval's card its present state; updates that were still owed are superseded."""
    tx.execute(_SUPERSEDE_UPDATES, (approval_id,))
    for copy_id, conversation_id, person, run_id in tx.execute(_COPIES, (approval_id,)).fetchall():
        owe(
            tx,
            at,
            kind="card_update",
            conversation_id=conversation_id,
            person=person,
            run_id=run_id,
            approval_id=approval_id,
            target_id=copy_id,
        )


_PLACE = "SELECT conversation_id, asked_by FROM runs WHERE id = ?"
_SUPERSEDE_UPDATES = """
UPDATE deliveries SET status = 'superseded'
WHERE approval_id = ? AND kind = 'card_update' AND status = 'owed'
"""
# A copy that is being sent right now gets its update when it is recorded as sent. One that a plainer copy took the place
# of may stand all the same.
_COPIES = """
SELECT id, conversation_id, person, run_id FROM deliveries
WHERE approval_id = ? AND kind = 'card' AND (status = 'sent' OR status = 'superseded')
"""


def find_open_answer(tx: Transaction, run_id: int) -> DeliveryId | None:
    """The answer that is owed or being shown for a run, whoever began it."""
    row = tx.execute(_OPEN_ANSWER, (run_id,)).fetchone()
    return None if row is None else DeliveryId(row[0])


_OPEN_ANSWER = """
SELECT id FROM deliveries WHERE run_id = ? AND kind = 'answer' AND status IN ('owed', 'sending') ORDER BY id LIMIT 1
"""


def owe_last_words(tx: Transaction, run: Run, at: datetime, text: str, *, streamed: bool) -> DeliveryId:
    """Owe what is said at a run's end, in the place of what was shown so far. `streamed`: who shows it settles it too."""
    body = {"markdown": text}
    standing = find_open_answer(tx, run.id)
    if standing is None:
        return DeliveryId(
            owe(
                tx, at, kind="answer", conversation_id=run.conversation_id, person=str(run.asked_by), run_id=run.id,
                body=body,
            )
        )  # fmt: skip
    tx.execute(_COMPLETE_STREAMED if streamed else _COMPLETE_OWED, (to_json(body), standing))
    tx.wake(Signal.OWED)
    return standing


_COMPLETE_STREAMED = "UPDATE deliveries SET body = ? WHERE id = ?"
_COMPLETE_OWED = "UPDATE deliveries SET body = ?, status = 'owed', worker_id = NULL WHERE id = ?"


def place_conversation(tx: Transaction, where: ConversationRef, *, direct: bool) -> int:
    """The conversation's id; it is made where it is new."""
    row = tx.execute(_FIND_CONVERSATION, (where.platform, where.space, where.channel, where.thread)).fetchone()
    if row is not None:
        return int(row[0])
    return tx.insert(_MAKE_CONVERSATION, (where.platform, where.space, where.channel, where.thread, int(direct)))


_FIND_CONVERSATION = "SELECT id FROM conversations WHERE platform = ? AND space = ? AND channel = ? AND thread = ?"
_MAKE_CONVERSATION = "INSERT INTO conversations (platform, space, channel, thread, direct) VALUES (?, ?, ?, ?, ?)"
