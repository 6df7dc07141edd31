"""The audit trail: append-only events, chained per run, and the installation's chain of heads.

An event's hash is sha256 over the hash before it, its own number, type and time, and the hash of its payload, which is
sha256(salt ‖ body). So a payload can be erased, salt and all, and the chain still verifies. The head and count stand
in the run and, whenever the run comes to rest, in `heads`: a missing tail or a missing run shows there.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from runtime.facts import EventType, Fact
from runtime.records import Event, RunId
from storage.encoding import from_json, micros, moment, to_json
from storage.links import PEOPLE, verify_links
from storage.summaries import drop_summaries_of
from storage.trails import GENESIS, SALT_BYTES, link, link_head
from storage.transaction import Transaction


def append_events(tx: Transaction, run_id: int, at: datetime, facts: Sequence[Fact]) -> None:
    """Append facts to a run's chain, in order."""
    tx.trails.append(run_id, micros(at), facts)


def append_at_rest(tx: Transaction, run_id: int, at: datetime, facts: Sequence[Fact]) -> None:
    """Append facts to a run that rests (it waits, or has ended), and write down its new head."""
    append_events(tx, run_id, at, facts)
    record_head(tx, run_id)


def append_outside(tx: Transaction, run_id: int, at: datetime, facts: Sequence[Fact]) -> None:
    """Append what happened to a run beside its work (a refused click, a command whose lease was lost), whatever its status is."""
    append_events(tx, run_id, at, facts)
    if tx.execute(_RESTS, (run_id,)).fetchone() is not None:
        record_head(tx, run_id)


_RESTS = "SELECT 1 FROM runs WHERE id = ? AND status NOT IN ('queued', 'running')"


def erase_payloads(tx: Transaction, run_id: int, seqs: Iterable[int], at: datetime) -> int:
    """Forget for good what these events of a run said. That they happened stays on record, and so does the forgetting.

    What was forgotten already is passed over, and so are the records of forgetting. Returns how many were erased.
    """
    drop_summaries_of(tx, run_id)
    tx.trails.write()
    rows = tx.execute(_ERASE, (run_id, to_json(sorted(seqs)), EventType.PAYLOAD_ERASED.value)).fetchall()
    erased = sorted(row[0] for row in rows)
    if erased:
        append_outside(tx, run_id, at, [Fact(EventType.PAYLOAD_ERASED, {"events": erased})])
    return len(erased)


_ERASE = """
DELETE FROM payloads
WHERE run_id = ? AND seq IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.run_id = payloads.run_id AND e.seq = payloads.seq AND e.type = ?)
RETURNING seq
"""


def record_head(tx: Transaction, run_id: int) -> None:
    """Write a resting run's head into the installation's chain."""
    tx.trails.record_head(run_id)


def load_events(connection: sqlite3.Connection, run_id: RunId, *, after: int = 0, limit: int = 64) -> tuple[Event, ...]:
    """A run's events in order, from `after` on."""
    return tuple(read_event(row) for row in connection.execute(_EVENTS, (run_id, after, limit)))


_EVENTS = """
SELECT e.run_id, e.seq, e.type, e.at, p.body
FROM events AS e LEFT JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.run_id = ? AND e.seq > ? ORDER BY e.seq LIMIT ?
"""


ALL = """
SELECT e.run_id, e.seq, e.type, e.at, p.body
FROM events AS e LEFT JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.at >= ? ORDER BY e.at, e.run_id, e.seq
"""


def scan_parameters(since: datetime | None) -> tuple[int]:
    return (0 if since is None else micros(since),)


def read_event(row: Any) -> Event:
    run_id, seq, type_, at, body = row
    return Event(
        run_id=RunId(run_id), seq=seq, type=type_, at=moment(at), body=None if body is None else from_json(body)
    )


class Break(Struct, frozen=True):
    """A place where the trail is not what was written. `run_id` is 0 for what belongs to no run."""

    run_id: int
    seq: int
    what: str


def verify_chain(connection: sqlite3.Connection) -> Iterator[Break]:
    """Every break of the trail: edited, removed (also at the end), reordered, or invented events, heads and runs."""
    yield from _verify_heads(connection)
    yield from (Break(0, number, what) for number, what in verify_links(connection))
    yield from _verify_runs(connection)
    heads = dict[int, list[tuple[int, bytes]]]()
    for run_id, count, head in connection.execute(_HEADS):
        heads.setdefault(run_id, []).append((count, head))
    for run_id, count, head, moving in connection.execute(_TAILS).fetchall():
        rested = heads.get(run_id, [])
        yield from _verify_run(connection, run_id, count, head, rested)
        if not moving and rested[-1:] != [(count, head)]:
            yield Break(run_id, count, "the run is at rest, and the installation's chain does not end where it does")


_HEADS = "SELECT run_id, count, head FROM heads ORDER BY n"
_TAILS = "SELECT id, event_count, event_head, status IN ('queued', 'running') FROM runs ORDER BY id"


def _verify_heads(connection: sqlite3.Connection) -> Iterator[Break]:
    before, expected = GENESIS, 1
    for number, run_id, count, head, stored in connection.execute(_ALL_HEADS):
        if number != expected:
            yield Break(0, expected, f"head {expected} of the installation's chain is missing")
        if stored != link_head(before, number, run_id, count, head):
            yield Break(0, number, f"head {number} of the installation's chain was changed")
        before, expected = stored, number + 1
    last = connection.execute(_NEWEST, ("heads",)).fetchone()
    if last is not None and expected <= last[0]:
        yield Break(0, expected, f"head {expected} of the installation's chain is missing")


def _verify_runs(connection: sqlite3.Connection) -> Iterator[Break]:
    """Every run that was ever received is there, or was pruned; and nothing stands there without its run."""
    last = connection.execute(_NEWEST, ("runs",)).fetchone()
    present = {row[0] for row in connection.execute("SELECT id FROM runs")}
    pruned = {row[0] for row in connection.execute("SELECT run_id FROM pruned")}
    recorded = {row[0] for row in connection.execute("SELECT DISTINCT run_id FROM heads")} - {PEOPLE}
    received = recorded | set(range(1, last[0] + 1) if last else ())
    for run_id in sorted(received - present - pruned):
        yield Break(run_id, 0, f"run {run_id} is missing")
    for run_id, seq in connection.execute(_WITHOUT_RUN):
        yield Break(run_id, seq, f"event {seq} belongs to run {run_id}, which is not there")
    for run_id, seq in connection.execute(_WITHOUT_EVENT):
        yield Break(run_id, seq, f"a payload belongs to event {seq}, which is not there")


# AUTOINCREMENT remembers the last number that was given, also when its row is gone.
_NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = ?"
_WITHOUT_RUN = "SELECT run_id, seq FROM events WHERE run_id NOT IN (SELECT id FROM runs) ORDER BY run_id, seq"
_WITHOUT_EVENT = "SELECT run_id, seq FROM payloads EXCEPT SELECT run_id, seq FROM events"
_ALL_HEADS = "SELECT n, run_id, count, head, hash FROM heads ORDER BY n"


def _verify_run(
    connection: sqlite3.Connection, run_id: int, count: int, head: bytes, rested: list[tuple[int, bytes]]
) -> Iterator[Break]:
    before, expected, missing = GENESIS, 1, dict.fromkeys(rested)
    erased = _erased(connection, run_id)
    for seq, type_, at, payload_hash, stored, salt, body in connection.execute(_CHAIN, (run_id,)):
        if seq != expected:
            yield Break(run_id, expected, f"event {expected} is missing")
        if stored != link(before, run_id, seq, type_, at, payload_hash):
            yield Break(run_id, seq, f"event {seq} ({type_}) was changed or moved")
        if body is None and seq not in erased:
            yield Break(run_id, seq, f"the payload of event {seq} ({type_}) is missing")
        if body is not None and (len(salt) != SALT_BYTES or hashlib.sha256(salt + body).digest() != payload_hash):
            yield Break(run_id, seq, f"the payload of event {seq} ({type_}) was changed")
        before, expected = stored, seq + 1
        missing.pop((seq, stored), None)
    if count == 0:
        yield Break(run_id, 0, "the run has no trail at all")
    if expected - 1 != count or before != head:
        yield Break(run_id, count, f"the run counts {count} events, its trail ends after {expected - 1}")
    for seq, _ in missing:
        yield Break(run_id, seq, f"the trail is not the one that stood when the run rested after {seq} events")


def _erased(connection: sqlite3.Connection, run_id: int) -> frozenset[int]:
    """The events whose payloads were forgotten on purpose, as `payload_erased` events say."""
    erased = set[int]()
    for (body,) in connection.execute(_ERASURES, (run_id, EventType.PAYLOAD_ERASED.value)):
        with contextlib.suppress(ValueError, KeyError, TypeError):  # a body that was changed is found by its hash
            erased.update(from_json(body)["events"])
    return frozenset(erased)


_ERASURES = """
SELECT p.body FROM events AS e JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.run_id = ? AND e.type = ?
"""

_CHAIN = """
SELECT e.seq, e.type, e.at, e.payload_hash, e.hash, p.salt, p.body
FROM events AS e LEFT JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.run_id = ? ORDER BY e.seq
"""
