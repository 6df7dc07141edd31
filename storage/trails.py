"""The trails that a transaction adds to: kept in memory while its units run, and written once, before it commits."""

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from runtime.errors import NotFound
from runtime.facts import Fact

GENESIS = bytes(32)
SALT_BYTES = 16

Tail = tuple[int, bytes]  # how many events a run's chain has, and the hash of the last one
Mark = tuple[int, int]  # how many events were appended, and how many of them are written


@dataclass(slots=True)
class Trails:
    """What is appended stands in the transaction only; whoever reads the tables has to `write` first.

    A transaction that writes one event at a time spends more on statements than on events.
    """

    connection: sqlite3.Connection
    _tails: dict[int, Tail] = field(default_factory=dict)
    _events: list[tuple[int, int, str, int, bytes, bytes]] = field(default_factory=list)
    _payloads: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    _written: int = 0

    def tail(self, run_id: int) -> Tail:
        """How many events a run has by now, and the head of its chain. Raises NotFound."""
        tail = self._tails.get(run_id)
        if tail is None:
            tail = self.connection.execute(_TAIL, (run_id,)).fetchone()
            if tail is None:
                raise NotFound(f"there is no run {run_id}")
            self._tails[run_id] = tail
        return tail

    def begin(self, run_id: int) -> None:
        """A run was just inserted: its chain is empty."""
        self._tails[run_id] = (0, GENESIS)

    def append(self, run_id: int, stamp: int, facts: Sequence[Fact]) -> None:
        """Add facts to a run's chain, in order. `stamp` is their time in microseconds since 1970."""
        count, head = self.tail(run_id)
        salts = os.urandom(SALT_BYTES * len(facts))
        for number, fact in enumerate(facts):
            count += 1
            type_, body, salt = fact.type.value, orjson.dumps(fact.body), salts[number * SALT_BYTES :][:SALT_BYTES]
            payload_hash = hashlib.sha256(salt + body).digest()
            head = link(head, run_id, count, type_, stamp, payload_hash)
            self._events.append((run_id, count, type_, stamp, payload_hash, head))
            self._payloads.append((run_id, count, salt, body))
        self._tails[run_id] = (count, head)

    def mark(self) -> Mark:
        """Where `rewind` goes back to, once the tables were rolled back to the same point."""
        return len(self._events), self._written

    def rewind(self, mark: Mark) -> None:
        """Forget what was appended since. What was there before and written since is not in the tables any more."""
        count, self._written = mark
        del self._events[count:], self._payloads[count:]
        self._tails = {run_id: (seq, head) for run_id, seq, _, _, _, head in self._events[self._written :]}

    def write(self) -> None:
        """Let the tables have what they do not have yet; from now on they know best."""
        events = self._events[self._written :]
        if events:
            tails = {run_id: (seq, head, run_id) for run_id, seq, _, _, _, head in events}
            self.connection.executemany(_INSERT_EVENT, events)
            self.connection.executemany(_INSERT_PAYLOAD, self._payloads[self._written :])
            self.connection.executemany(_SET_TAIL, tails.values())
            self._written = len(self._events)
        self._tails.clear()


_TAIL = "SELECT event_count, event_head FROM runs WHERE id = ?"
_SET_TAIL = "UPDATE runs SET event_count = ?, event_head = ? WHERE id = ?"
_INSERT_EVENT = "INSERT INTO events (run_id, seq, type, at, payload_hash, hash) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_PAYLOAD = "INSERT INTO payloads (run_id, seq, salt, body) VALUES (?, ?, ?, ?)"


def link(before: bytes, run_id: int, seq: int, type_: str, at: int, payload_hash: bytes) -> bytes:
    """The hash of an event: over the hash before it, its place, type and time, and the hash of its payload."""
    return hashlib.sha256(b"%b|%d|%d|%b|%d|%b" % (before, run_id, seq, type_.encode(), at, payload_hash)).digest()
