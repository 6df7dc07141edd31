"""Remembering: what is known already is not known twice, and what is contradicted becomes history."""

import struct
from datetime import datetime
from operator import mul

from runtime.memory.records import Kept, Memory, MemoryId, NewMemory, Vector
from runtime.memory.words import is_faint, looked_for, say_the_same
from storage import memories
from storage.encoding import micros, optional_micros
from storage.memory_vectors import find_vector, keep_vector
from storage.memory_words import all_of
from storage.transaction import Transaction

ALIKE = 0.9  # the cosine of two texts that may mean the same: see `say_the_same` for why that alone is never enough
_CANDIDATES = 20


def remember(tx: Transaction, new: NewMemory, at: datetime, *, vector: Vector | None) -> Kept:
    """Keep a memory, or let the one gain that says the same already. What it supersedes in its place becomes history."""
    known = _find_known(tx, new, at, vector)
    if known is not None:
        _let_gain(tx, known, new, at)
        return Kept(id=known, merged=True)
    memory_id = memories.insert_memory(tx, new, at)
    memories.supersede(tx, new.supersedes, memory_id, at)
    if vector is not None:
        keep_vector(tx, memory_id, vector)
    return Kept(id=memory_id)


def _find_known(tx: Transaction, new: NewMemory, at: datetime, vector: Vector | None) -> MemoryId | None:
    """A memory of the same place and type that says the same."""
    for known in _find_worded_alike(tx, new, at):
        if say_the_same(new.text, known.text):
            return known.id
        if say_the_same(new.text, known.text, alike=True) and _are_alike(tx, known.id, vector):
            return known.id
    return None


def _find_worded_alike(tx: Transaction, new: NewMemory, at: datetime) -> tuple[Memory, ...]:
    words = [word for word in looked_for(new.text) if not is_faint(word)]
    if not words:
        return ()
    ids = [MemoryId(id_) for (id_,) in tx.execute(WORDED_ALIKE, (all_of(new.place, words), _CANDIDATES))]
    rows = tx.execute(memories.READ, memories.read_parameters(ids, [new.place], at, [new.type]))
    return tuple(map(memories.read_memory, rows))


WORDED_ALIKE = "SELECT rowid FROM memory_words WHERE memory_words MATCH ? ORDER BY rowid DESC LIMIT ?"


def _are_alike(tx: Transaction, known: MemoryId, vector: Vector | None) -> bool:
    theirs = None if vector is None else find_vector(tx, known, vector.space)
    if vector is None or theirs is None or len(theirs) != len(vector.values):
        return False
    count = len(theirs) // 4
    one, other = struct.unpack(f"<{count}f", vector.values), struct.unpack(f"<{count}f", theirs)
    return float(sum(map(mul, one, other))) >= ALIKE


def _let_gain(tx: Transaction, known: MemoryId, new: NewMemory, at: datetime) -> None:
    gain = {"importance": new.importance, "at": micros(at), "expires_at": optional_micros(new.expires_at), "id": known}
    tx.execute(_GAIN, gain)
    memories.add_source(tx, known, new.run_id)
    memories.supersede(tx, new.supersedes, known, at)


# What is said again matters a little more, and is kept for as long as either was to be kept.
_GAIN = """
UPDATE memories SET
    importance = max(importance, :importance) + (1 - max(importance, :importance)) * 0.1,
    used_at = max(used_at, :at),
    expires_at = CASE WHEN :expires_at IS NULL THEN NULL ELSE max(expires_at, :expires_at) END
WHERE id = :id
"""
