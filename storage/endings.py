"""How runs end: answered, given up, cancelled; and the answer that is owed for it."""

from datetime import datetime

from runtime.afterthoughts.legacy import NO_LEGACY, Legacy
from runtime.facts import EventType, Fact
from runtime.proposals import Ending, OpenedAnswer
from runtime.records import DeliveryId, Lease, MessageRef, Run, RunId
from runtime.signals import Signal
from runtime.states import RUN, RunStatus
from storage.afterthoughts import owe_afterthoughts
from storage.asking import close_cards
from storage.encoding import messages_to_json, micros
from storage.events import append_at_rest, append_events, record_head
from storage.guards import guard, move
from storage.leases import check_lease
from storage.loading import load_run_alone
from storage.losses import lose_started
from storage.outbox import find_open_answer, owe, owe_last_words
from storage.reliances import record_reliances
from storage.transaction import Transaction

_EVENT = {
    Ending.ANSWERED: EventType.RUN_COMPLETED,
    Ending.GAVE_UP: EventType.RUN_FAILED,
    Ending.CANCELLED: EventType.RUN_CANCELLED,
}


def open_answer(tx: Transaction, lease: Lease, at: datetime, *, worker_id: int) -> OpenedAnswer:
    """The delivery that an answer is streamed under. One that an earlier worker left open is taken over as it is."""
    check_lease(tx, lease)
    standing = find_open_answer(tx, lease.run_id)
    if standing is not None:
        return OpenedAnswer(delivery=standing, fresh=False)
    run = load_run_alone(tx, lease.run_id)
    delivery = owe(tx, at, kind="answer", conversation_id=run.conversation_id, person=str(run.asked_by), run_id=run.id)
    tx.execute(_HOLD, (worker_id, delivery))
    return OpenedAnswer(delivery=DeliveryId(delivery), fresh=True)


_HOLD = "UPDATE deliveries SET status = 'sending', worker_id = ?, tried = 1 WHERE id = ?"


def record_answer_posted(tx: Transaction, delivery: DeliveryId, message: MessageRef) -> None:
    """The first of a streamed answer stands on the platform: from now on it is edited, never posted again."""
    tx.execute(_POSTED, (messages_to_json((message,)), delivery))


_POSTED = "UPDATE deliveries SET sent = ? WHERE id = ? AND status IN ('owed', 'sending')"


def finish(
    tx: Transaction, lease: Lease, run: Run, at: datetime, *, ending: Ending, text: str, facts: tuple[Fact, ...],
    streamed: bool, legacy: Legacy = NO_LEGACY,
) -> DeliveryId:  # fmt: skip
    """End a leased run and owe its last words. `streamed`: this worker shows them itself and then settles the delivery.
    Raises MemoryGone: then nothing is recorded."""
    check_lease(tx, lease)
    if ending is Ending.CANCELLED:
        text += lose_started(tx, lease.run_id)  # by a worker that is gone: a living one records what it saw
    append_events(tx, run.id, at, [*facts, Fact(_EVENT[ending], {} if ending is Ending.ANSWERED else {"why": text})])
    answered = ending is Ending.ANSWERED
    tx.execute(_END[ending], (text if answered else None, "" if answered else text, micros(at), run.id))
    close_cards(tx, run.id, at)
    record_head(tx, run.id)
    delivery = owe_last_words(tx, run, at, text, streamed=streamed)
    record_reliances(tx, run.id, legacy.relied, at)
    owe_afterthoughts(tx, run.id, legacy.afterthoughts)
    if run.debug:
        owe(
            tx, at, kind="timeline", conversation_id=run.conversation_id, person=str(run.asked_by), run_id=run.id,
        )  # fmt: skip
    tx.wake(Signal.RUNS, Signal.QUEUED)
    return delivery


_END = {
    ending: f"""
UPDATE runs SET {move(RUN, ending.value)}, answer = ?, failure = ?, ended_at = ?, lease_token = NULL,
                lease_expires_at = NULL, worker_id = NULL
WHERE id = ? AND status = 'running'
"""
    for ending in Ending
}


def cancel(tx: Transaction, run_id: RunId, at: datetime, *, by: str) -> RunStatus:
    """Stop a run. A resting or queued one is cancelled here; a running one is told to stop. Returns how it stood before."""
    run = load_run_alone(tx, run_id)
    if run.status is RunStatus.RUNNING:
        tx.execute(_REQUEST, (by, run_id))
        tx.wake(Signal.CANCEL)
    elif run.status in (RunStatus.QUEUED, RunStatus.WAITING):
        tx.execute(_CANCEL, (by, micros(at), run_id))
        close_cards(tx, run_id, at)
        lost = lose_started(tx, run_id)
        append_at_rest(tx, run_id, at, [Fact(EventType.RUN_CANCELLED, {"by": by})])
        # What a dead worker had begun must not stand there half said, or half done.
        if lost or find_open_answer(tx, run_id) is not None:
            owe_last_words(tx, run, at, f"Stopped.{lost} (run {run_id})" if lost else "Stopped.", streamed=False)
        tx.wake(Signal.RUNS, Signal.QUEUED, Signal.OWED)
    return run.status


_REQUEST = "UPDATE runs SET cancel_requested = 1, cancelled_by = ? WHERE id = ? AND status = 'running'"
_CANCEL = f"""
UPDATE runs SET {move(RUN, "cancelled")}, cancelled_by = ?, ended_at = ? WHERE id = ? AND {guard(RUN, "cancelled")}
"""
