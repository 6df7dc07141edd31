"""The trails that a transaction adds to: kept in memory while its units run, and written once, before it commits."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct, field

from runtime.errors import NotFound
from runtime.facts import Fact
from runtime.masking import NOTHING_OF_OURS, Masker

GENESIS = bytes(32)
SALT_BYTES = 16
_SALTS = 64  # drawn at a time: asking the kernel for each is dear
_BUNCH = 16  # rows that one statement inserts where there are as many: by then a row costs little more than half

Tail = tuple[int, bytes]  # how many events a chain has, and the hash of the last one
_Mark = tuple[int, int]  # how many rows there are, and how many of them are written


class _Rows(Struct):
    """What is to be inserted into a table, `insert` … `row`. Of `all`, the tables have the first `written`."""

    insert: str
    row: str
    all: list[tuple[Any, ...]] = field(default_factory=list)
    written: int = 0

    def unwritten(self) -> list[tuple[Any, ...]]:
        return self.all[self.written :]

    def write(self, connection: sqlite3.Connection) -> None:
        rows = self.unwritten()
        bunched = len(rows) // _BUNCH * _BUNCH
        if bunched:
            starts = range(0, bunched, _BUNCH)
            values = [tuple(chain.from_iterable(rows[start : start + _BUNCH])) for start in starts]
            connection.executemany(self.insert + ", ".join([self.row] * _BUNCH), values)
        if rows[bunched:]:
            connection.executemany(self.insert + self.row, rows[bunched:])
        self.written = len(self.all)

    def mark(self) -> _Mark:
        return len(self.all), self.written

    def rewind(self, mark: _Mark) -> None:
        count, self.written = mark
        del self.all[count:]


class Trails:
    """What is appended stands in the transaction only; whoever reads the tables has to `write` first.

    A transaction that writes one event at a time spends more on statements than on events. No secret gets into a trail:
    what was hashed once cannot be taken back.
    """

    def __init__(self, connection: sqlite3.Connection, masker: Masker = NOTHING_OF_OURS) -> None:
        self._connection = connection
        self._masker = masker
        self._tails: dict[int, Tail] = {}
        self._events = _Rows(_INSERT_EVENTS, "(?, ?, ?, ?, ?, ?)")
        self._payloads = _Rows(_INSERT_PAYLOADS, "(?, ?, ?, ?)")
        self._heads = _Rows(_INSERT_HEADS, "(?, ?, ?, ?, ?)")
        self._salts = _draw_salts()

    def tail(self, run_id: int) -> Tail:
        """How many events a run has by now, and the head of its chain. Raises NotFound."""
        tail = self._tails.get(run_id)
        if tail is None:
            tail = self._connection.execute(_TAIL, (run_id,)).fetchone()
            if tail is None:
                raise NotFound(f"there is no run {run_id}")
            self._tails[run_id] = tail
        return tail

    def learn(self, run_id: int, tail: Tail) -> None:
        """What the tables say of a run's chain, from whoever read it with something else. What was appended here goes on."""
        self._tails.setdefault(run_id, tail)

    def append(self, run_id: int, stamp: int, facts: Sequence[Fact]) -> None:
        """Add facts to a run's chain, in order. `stamp` is their time in microseconds since 1970."""
        count, head = self.tail(run_id)
        events, payloads, salts = self._events.all, self._payloads.all, self._salts
        for fact in facts:
            count += 1
            type_, body, salt = str(fact.type), self._masker.write_json(fact.body), next(salts)
            payload_hash = hashlib.sha256(salt + body).digest()
            head = link(head, run_id, count, type_, stamp, payload_hash)
            # `sqlite3` asks around for an adapter of each `bytes`, in vain; a `bytearray` it takes as it is.
            events.append((run_id, count, type_, stamp, bytearray(payload_hash), bytearray(head)))
            payloads.append((run_id, count, bytearray(salt), bytearray(body)))
        self._tails[run_id] = (count, head)

    def record_head(self, run_id: int) -> None:
        """Add the head of a run that comes to rest to the installation's chain."""
        self.extend_heads(run_id, *self.tail(run_id))

    def extend_heads(self, run_id: int, count: int, head: bytes) -> None:
        """Let the installation's chain vouch for a chain as it stands: a run's, or under the number 0 that of people."""
        number, before = self._last_head()
        number += 1
        self._heads.all.append((number, run_id, count, head, link_head(before, number, run_id, count, head)))

    def _last_head(self) -> Tail:
        if self._heads.all:
            number, _, _, _, hash_ = self._heads.all[-1]
            return number, hash_
        return self._connection.execute(_LAST_HEAD).fetchone() or (0, GENESIS)

    def mark(self) -> tuple[_Mark, ...]:
        """Where `rewind` goes back to, once the tables were rolled back to the same point."""
        return self._events.mark(), self._payloads.mark(), self._heads.mark()

    def rewind(self, mark: tuple[_Mark, ...]) -> None:
        """Forget what was appended since. What was there before and written since is not in the tables any more."""
        for rows, its_mark in zip((self._events, self._payloads, self._heads), mark, strict=True):
            rows.rewind(its_mark)
        self._tails = self._unwritten_tails()

    def write(self) -> None:
        """Let the tables have what they do not have yet; from now on they know best."""
        tails = [(count, head, run_id) for run_id, (count, head) in self._unwritten_tails().items()]
        for rows in (self._events, self._payloads, self._heads):
            rows.write(self._connection)
        if tails:
            self._connection.executemany(_SET_TAIL, tails)
        self._tails.clear()

    def _unwritten_tails(self) -> dict[int, Tail]:
        last = {row[0]: row for row in self._events.unwritten()}
        return {run_id: (row[1], bytes(row[5])) for run_id, row in last.items()}


def _draw_salts() -> Iterator[bytes]:
    while True:
        drawn = os.urandom(_SALTS * SALT_BYTES)
        for start in range(0, len(drawn), SALT_BYTES):
            yield drawn[start : start + SALT_BYTES]


_TAIL = "SELECT event_count, event_head FROM runs WHERE id = ?"
_SET_TAIL = "UPDATE runs SET event_count = ?, event_head = ? WHERE id = ?"
_LAST_HEAD = "SELECT n, hash FROM heads ORDER BY n DESC LIMIT 1"
_INSERT_EVENTS = "INSERT INTO events (run_id, seq, type, at, payload_hash, hash) VALUES "
_INSERT_PAYLOADS = "INSERT INTO payloads (run_id, seq, salt, body) VALUES "
_INSERT_HEADS = "INSERT INTO heads (n, run_id, count, head, hash) VALUES "


def link(before: bytes, run_id: int, seq: int, type_: str, at: int, payload_hash: bytes) -> bytes:
    """The hash of an event: over the hash before it, its place, type and time, and the hash of its payload."""
    return hashlib.sha256(b"%b|%d|%d|%b|%d|%b" % (before, run_id, seq, type_.encode(), at, payload_hash)).digest()


def link_head(before: bytes, number: int, run_id: int, count: int, head: bytes) -> bytes:
    """The hash of a head in the installation's chain."""
    return hashlib.sha256(b"%b|%d|%d|%d|%b" % (before, number, run_id, count, head)).digest()
