"""Leases: who works which run, and what becomes of runs whose worker is gone."""

import secrets
import sqlite3
from datetime import datetime, timedelta

from msgspec.structs import replace

from runtime.errors import LeaseLost
from runtime.facts import EventType, Fact
from runtime.memory.records import MemoryId
from runtime.pauses import LONGEST_ABSENCE
from runtime.proposals import Claimed
from runtime.records import CallId, Lease, Run
from runtime.signals import Signal
from runtime.states import RUN, to_status
from storage.asking import close_cards
from storage.encoding import micros, optional_micros, to_json
from storage.events import append_events, record_head
from storage.guards import guard, is_due, move
from storage.loading import load_run
from storage.losses import lose_started, put_back_started
from storage.outbox import owe_last_words, owe_notice
from storage.reliances import record_reliances
from storage.transaction import Transaction


def check_lease(tx: Transaction, lease: Lease) -> bool:
    """Raise LeaseLost unless the lease still stands. A worker writes nothing without it.

    Returns whether a person asked to stop the run.
    """
    held = tx.execute(_HELD, (lease.run_id, lease.token)).fetchone()
    if held is None:
        raise LeaseLost(f"run {lease.run_id} has another worker now, or none")
    is_to_stop, *tail = held
    tx.trails.learn(lease.run_id, tuple(tail))  # whoever writes has something to tell
    return bool(is_to_stop)


_HELD = """
SELECT cancel_requested, event_count, event_head FROM runs WHERE id = ? AND lease_token = ? AND status = 'running'
"""


def claim(
    tx: Transaction, at: datetime, *, worker_id: int, platforms: frozenset[str], limit: int, lease_for: timedelta
) -> list[Claimed]:
    """Take up to `limit` queued runs whose turn it is: resumed ones first, then in the order they were asked."""
    stamp, wanted = micros(at), to_json(sorted(platforms))
    rows = tx.execute(_CANDIDATES, {"at": stamp, "platforms": wanted, "limit": limit}).fetchall()
    return [claim_run(tx, at, run_id, worker_id=worker_id, lease_for=lease_for) for (run_id,) in rows]


# A run's turn: nobody runs in its conversation, and nobody queued there goes before it.
# The cross join keeps SQLite from starting at the conversations: there are many more of them than queued runs.
_CANDIDATES = f"""
SELECT r.id
FROM runs AS r CROSS JOIN conversations AS c
WHERE r.status = 'queued' AND (r.not_before IS NULL OR {is_due("r.not_before", LONGEST_ABSENCE)})
  AND c.id = r.conversation_id AND c.platform IN (SELECT value FROM json_each(:platforms))
  AND NOT EXISTS (SELECT 1 FROM runs AS o WHERE o.conversation_id = r.conversation_id AND o.status = 'running')
  AND NOT EXISTS (SELECT 1 FROM runs AS o WHERE o.conversation_id = r.conversation_id
                  AND o.status = 'queued' AND (1 - o.resumed, o.sent_at, o.id) < (1 - r.resumed, r.sent_at, r.id))
ORDER BY r.resumed DESC, r.sent_at, r.id
LIMIT :limit
"""


def has_candidates(connection: sqlite3.Connection, at: datetime, platforms: frozenset[str]) -> bool:
    """Whether `claim` would find anything: looked up before a transaction is spent on it."""
    parameters = {"at": micros(at), "platforms": to_json(sorted(platforms)), "limit": 1}
    return connection.execute(_CANDIDATES, parameters).fetchone() is not None


def claim_run(tx: Transaction, at: datetime, run_id: int, *, worker_id: int, lease_for: timedelta) -> Claimed:
    """Take one queued run whose turn it is known to be."""
    return claim_loaded(tx, at, load_run(tx, run_id), worker_id=worker_id, lease_for=lease_for)


def claim_loaded(tx: Transaction, at: datetime, run: Run, *, worker_id: int, lease_for: timedelta) -> Claimed:
    """The same where the run was read in this transaction."""
    token = secrets.randbits(62)
    tx.execute(_CLAIM, {"token": token, "until": micros(at + lease_for), "worker": worker_id, "id": run.id})
    tx.wake(Signal.RUNS)
    return Claimed(lease=Lease(run_id=run.id, token=token), run=replace(run, status=to_status(RUN, "claimed")))


_CLAIM = f"""
UPDATE runs SET {move(RUN, "claimed")}, lease_token = :token, lease_expires_at = :until, worker_id = :worker,
                not_before = NULL
WHERE id = :id AND {guard(RUN, "claimed")}
"""


def renew(
    tx: Transaction, at: datetime, *, worker_id: int, tokens: tuple[int, ...], lease_for: timedelta
) -> frozenset[int]:
    """Say that this worker lives, and that it still carries these leases. Returns the ones that it still holds."""
    tx.execute(_SEEN, (micros(at), worker_id))
    rows = tx.execute(_RENEW, (micros(at + lease_for), to_json(tokens)))
    return frozenset(row[0] for row in rows)


_SEEN = "UPDATE workers SET seen_at = ? WHERE id = ?"
_RENEW = """
UPDATE runs SET lease_expires_at = ?
WHERE status = 'running' AND lease_token IN (SELECT value FROM json_each(?))
RETURNING lease_token
"""


def release(
    tx: Transaction, lease: Lease, at: datetime, *, may_have_run: frozenset[CallId], facts: tuple[Fact, ...],
    relied: tuple[MemoryId, ...], not_before: datetime | None, model_away_since: datetime | None,
    said: str,
) -> None:  # fmt: skip
    """Put a run back into the queue: the worker shuts down, or the model is away until `not_before`, of which the conversation is
    told what is `said`. Raises MemoryGone."""
    check_lease(tx, lease)
    record_reliances(tx, lease.run_id, relied, at)
    append_events(tx, lease.run_id, at, facts)
    put_back_started(tx, lease.run_id, at, but=may_have_run)
    tx.execute(_RELEASE, (optional_micros(not_before), optional_micros(model_away_since), lease.run_id))
    if said:
        owe_notice(tx, at, lease.run_id, said)
    tx.wake(Signal.QUEUED, Signal.RUNS)


_RELEASE = f"""
UPDATE runs SET {move(RUN, "released")}, lease_token = NULL, lease_expires_at = NULL, worker_id = NULL,
                not_before = ?, model_away_since = coalesce(?, model_away_since) -- a shutdown says nothing of the model
WHERE id = ? AND {guard(RUN, "released")}
"""


def take_back(tx: Transaction, at: datetime, *, dead: frozenset[int], max_attempts: int) -> int:
    """Free the runs of workers that died or fell silent: queued again, or failed after `max_attempts`. Returns how many."""
    rows = tx.execute(_LOST, {"at": micros(at), "dead": to_json(sorted(dead))}).fetchall()
    for (run_id,) in rows:
        _count_attempt(tx, run_id, at, max_attempts)
    return len(rows)


def drop(
    tx: Transaction, lease: Lease, at: datetime, *, may_have_run: frozenset[CallId], not_before: datetime | None,
    max_attempts: int,
) -> None:  # fmt: skip
    """A worker failed at a run in a way that nobody foresaw: that was one attempt, and there is none `not_before`."""
    check_lease(tx, lease)
    put_back_started(tx, lease.run_id, at, but=may_have_run)
    _count_attempt(tx, lease.run_id, at, max_attempts, not_before)


def _count_attempt(
    tx: Transaction, run_id: int, at: datetime, max_attempts: int, not_before: datetime | None = None
) -> None:
    run = load_run(tx, run_id)
    if run.attempts + 1 < max_attempts:
        tx.execute(_TAKE_BACK, (optional_micros(not_before), run_id))
    else:
        _exhaust(tx, run, at)
    tx.wake(Signal.QUEUED, Signal.RUNS)


_LOST = """
SELECT id FROM runs
WHERE status = 'running' AND (lease_expires_at <= :at OR worker_id IN (SELECT value FROM json_each(:dead)))
"""
_TAKE_BACK = f"""
UPDATE runs SET {move(RUN, "lease_expired")}, attempts = attempts + 1, lease_token = NULL, lease_expires_at = NULL,
                worker_id = NULL, resumed = 1, not_before = ?
WHERE id = ? AND {guard(RUN, "lease_expired")}
"""


def _exhaust(tx: Transaction, run: Run, at: datetime) -> None:
    lost = lose_started(tx, run.id)
    words = f"I was interrupted {run.attempts + 1} times while working on this and have given up.{lost}"
    fact = Fact(
        EventType.RUN_FAILED, {"why": "interrupted too often", "attempts": run.attempts + 1, "unknown": bool(lost)}
    )
    append_events(tx, run.id, at, [fact])
    tx.execute(_EXHAUST, (words, micros(at), run.id))
    close_cards(tx, run.id, at)
    record_head(tx, run.id)
    owe_last_words(tx, run, at, f"{words} (run {run.id})", streamed=False)


_EXHAUST = f"""
UPDATE runs SET {move(RUN, "exhausted")}, attempts = attempts + 1, failure = ?, ended_at = ?, lease_token = NULL,
                lease_expires_at = NULL, worker_id = NULL
WHERE id = ? AND {guard(RUN, "exhausted")}
"""
