"""Afterthoughts: owed with a run's ending, leased as rows of their own, and done exactly once."""

import secrets
import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from runtime.afterthoughts.records import (
    MAX_ATTEMPTS,
    Afterthought,
    AfterthoughtKind,
    Thought,
    afterthought_failed,
    memory_stored,
    reflection_completed,
)
from runtime.facts import Fact
from runtime.memory.records import MemoryId
from runtime.pauses import LONGEST_ABSENCE
from runtime.records import RunId
from runtime.signals import Signal
from runtime.states import AFTERTHOUGHT
from storage import merging
from storage.encoding import micros, optional_moment, to_json
from storage.events import append_at_rest
from storage.experiences import judge, record_experience
from storage.guards import guard, is_due, move
from storage.reliances import are_remembered
from storage.summaries import replace_summary
from storage.transaction import Transaction


def owe_afterthoughts(tx: Transaction, run_id: RunId, kinds: Iterable[AfterthoughtKind]) -> None:
    for kind in kinds:
        tx.execute(_OWE, (run_id, kind.value))
        tx.wake(Signal.AFTERTHOUGHTS)


_OWE = "INSERT INTO afterthoughts (run_id, kind, status) VALUES (?, ?, 'owed') ON CONFLICT DO NOTHING"


def claim_afterthought(
    tx: Transaction, at: datetime, *, worker_id: int, platforms: frozenset[str], lease_for: timedelta
) -> Afterthought | None:
    row = tx.execute(_CANDIDATES, _due(at, platforms)).fetchone()
    if row is None:
        return None
    run_id, kind, attempts = row
    token = secrets.randbits(62)
    until = micros(at + lease_for)
    tx.execute(_CLAIM, {"token": token, "until": until, "worker": worker_id, "run": run_id, "kind": kind})
    return Afterthought(run_id=RunId(run_id), kind=AfterthoughtKind(kind), token=token, attempts=attempts)


def has_due(connection: sqlite3.Connection, at: datetime, platforms: frozenset[str]) -> bool:
    """Whether `claim_afterthought` would find anything: looked up before a transaction is spent on it."""
    return connection.execute(_CANDIDATES, _due(at, platforms)).fetchone() is not None


def _due(at: datetime, platforms: frozenset[str]) -> dict[str, object]:
    return {"at": micros(at), "platforms": to_json(sorted(platforms))}


# One after another in a conversation: what is said later corrects what was said before, never the other way round.
_CANDIDATES = f"""
SELECT a.run_id, a.kind, a.attempts
FROM afterthoughts AS a CROSS JOIN runs AS r CROSS JOIN conversations AS c
WHERE a.status = 'owed' AND {is_due("a.not_before", LONGEST_ABSENCE)} AND r.id = a.run_id AND c.id = r.conversation_id
  AND c.platform IN (SELECT value FROM json_each(:platforms))
  AND NOT EXISTS (SELECT 1 FROM afterthoughts AS o CROSS JOIN runs AS q
                  WHERE o.status = 'running' AND o.kind = a.kind
                    AND q.id = o.run_id AND q.conversation_id = r.conversation_id)
ORDER BY a.run_id, a.kind LIMIT 1
"""
_CLAIM = f"""
UPDATE afterthoughts SET {move(AFTERTHOUGHT, "claimed")}, lease_token = :token, lease_expires_at = :until,
                         worker_id = :worker
WHERE run_id = :run AND kind = :kind AND {guard(AFTERTHOUGHT, "claimed")}
"""


def next_afterthought(connection: sqlite3.Connection, platforms: frozenset[str]) -> datetime | None:
    return optional_moment(connection.execute(_NEXT, (to_json(sorted(platforms)),)).fetchone()[0])


_NEXT = """
SELECT min(a.not_before)
FROM afterthoughts AS a CROSS JOIN runs AS r CROSS JOIN conversations AS c
WHERE a.status = 'owed' AND r.id = a.run_id AND c.id = r.conversation_id
  AND c.platform IN (SELECT value FROM json_each(?))
"""


def settle_afterthought(tx: Transaction, held: Afterthought, thought: Thought | None, at: datetime) -> bool:
    """It is done: once, by whoever holds it. What would bring back something that was forgotten meanwhile is dropped."""
    if tx.execute(_DONE, (held.run_id, held.kind.value, held.token)).rowcount != 1:
        return False
    tx.wake(Signal.AFTERTHOUGHTS)
    if thought is not None and _stands(tx, thought.made_of, thought.shown):
        _keep(tx, held.run_id, thought, at)
    return True


_LET_GO = "lease_token = NULL, lease_expires_at = NULL, worker_id = NULL"
_HELD = "WHERE run_id = ? AND kind = ? AND lease_token = ?"
_DONE = f"UPDATE afterthoughts SET {move(AFTERTHOUGHT, 'done')}, {_LET_GO} {_HELD} AND {guard(AFTERTHOUGHT, 'done')}"


def _stands(tx: Transaction, made_of: Collection[RunId], shown: Collection[MemoryId]) -> bool:
    """Whether all that a thought was made of, and what it was shown, is still there, whole."""
    tx.trails.write()
    (whole,) = tx.execute(_WHOLE, (to_json(list(made_of)),)).fetchone()
    return bool(whole == len(made_of)) and are_remembered(tx, shown)


_WHOLE = """
SELECT count(*) FROM runs AS r
WHERE r.id IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.run_id = r.id AND e.type = 'payload_erased')
"""


def _keep(tx: Transaction, run_id: RunId, thought: Thought, at: datetime) -> None:
    facts, memory_id = list(thought.facts), None
    if thought.memory is not None:
        kept = merging.remember(tx, thought.memory, at, vector=thought.vector)
        memory_id = kept.id
        facts.append(memory_stored(kept.id, thought.memory, merged=kept.merged))
    if thought.experience is not None:
        judged = tuple(each for each in thought.judgements if judge(tx, each, at))
        record_experience(tx, thought.experience, memory_id, at)
        facts.append(reflection_completed(thought.experience, judged, memory_id))
    if thought.summary is not None:
        replace_summary(tx, thought.summary, thought.older, at)
    if facts:
        append_at_rest(tx, run_id, at, facts)


def release_afterthought(tx: Transaction, held: Afterthought) -> None:
    tx.execute(_RELEASE, (held.run_id, held.kind.value, held.token))
    tx.wake(Signal.AFTERTHOUGHTS)


_RELEASE = f"""
UPDATE afterthoughts SET {move(AFTERTHOUGHT, "released")}, {_LET_GO} {_HELD} AND {guard(AFTERTHOUGHT, "released")}
"""


def defer_afterthought(
    tx: Transaction, held: Afterthought, at: datetime, *, why: str, facts: tuple[Fact, ...], again_at: datetime | None,
    shown: tuple[MemoryId, ...] = (),
) -> bool:  # fmt: skip
    """Count an attempt; without another one it failed. False: it is another's now."""
    attempts = held.attempts + 1
    last = again_at is None or attempts >= MAX_ATTEMPTS
    due = micros(at if again_at is None else again_at)
    sql = _FAIL if last else _DEFER
    if tx.execute(sql, (attempts, due, held.run_id, held.kind.value, held.token)).rowcount != 1:
        return False
    if not _stands(tx, (held.run_id,), shown):
        facts, why = (), _OF_FORGOTTEN
    failed = (afterthought_failed(held.kind, why, attempts),) if last else ()
    if facts or failed:
        append_at_rest(tx, held.run_id, at, (*facts, *failed))
    tx.wake(Signal.AFTERTHOUGHTS)
    return True


_OF_FORGOTTEN = "what it was about is forgotten"
_DEFER = f"""
UPDATE afterthoughts SET {move(AFTERTHOUGHT, "released")}, {_LET_GO}, attempts = ?, not_before = ?
{_HELD} AND {guard(AFTERTHOUGHT, "released")}
"""
_FAIL = f"""
UPDATE afterthoughts SET {move(AFTERTHOUGHT, "failed")}, {_LET_GO}, attempts = ?, not_before = ?
{_HELD} AND {guard(AFTERTHOUGHT, "failed")}
"""


def take_back_afterthoughts(tx: Transaction, at: datetime, *, dead: frozenset[int]) -> None:
    """Free what workers that are gone had begun: that was one attempt."""
    for run_id, kind, token, attempts in tx.execute(
        _LOST, {"at": micros(at), "dead": to_json(sorted(dead))}
    ).fetchall():
        held = Afterthought(run_id=RunId(run_id), kind=AfterthoughtKind(kind), token=token, attempts=attempts)
        defer_afterthought(tx, held, at, why="it was interrupted too often", facts=(), again_at=at)


_LOST = """
SELECT run_id, kind, lease_token, attempts FROM afterthoughts
WHERE status = 'running' AND (lease_expires_at <= :at OR worker_id IN (SELECT value FROM json_each(:dead)))
"""


def list_relied_lessons(connection: sqlite3.Connection, run_id: RunId) -> tuple[MemoryId, ...]:
    return tuple(MemoryId(row[0]) for row in connection.execute(_LESSONS, (run_id,)))


_LESSONS = """
SELECT m.id FROM reliances AS l JOIN memories AS m ON m.id = l.memory_id
WHERE l.run_id = ? AND m.type = 'lesson' ORDER BY m.id
"""

HAS_FORGOTTEN = """
SELECT NOT EXISTS (SELECT 1 FROM runs WHERE id = :run)
       OR EXISTS (SELECT 1 FROM events WHERE run_id = :run AND type = 'payload_erased')
"""

# More than `runtime.taint` finds of one run: what an earlier answer quoted is in the context of the later ones.
HAS_READ_UNTRUSTED = """
SELECT 1 FROM runs AS r
WHERE r.conversation_id = :conversation AND r.id <= :run AND (
    EXISTS (SELECT 1 FROM json_each(r.attachments) WHERE coalesce(value ->> 'text', '') <> '')
    OR EXISTS (SELECT 1 FROM tool_calls AS t JOIN call_states AS s ON s.call_id = t.id
               WHERE t.run_id = r.id AND t.reads_untrusted
                 AND (s.state = 'started' OR s.state = 'observed' OR s.state = 'outcome_unknown'))
)
LIMIT 1
"""
