"""Remembering: what is known already is not known twice, and what is contradicted becomes history."""

from collections.abc import Collection
from datetime import datetime

from runtime.memory.records import Kept, MemoryId, NewMemory, Vector
from runtime.memory.words import looked_for, say_the_same
from storage import memories
from storage.encoding import micros, optional_micros
from storage.memory_vectors import keep_vector
from storage.memory_words import all_of
from storage.transaction import Transaction

ALIKE = 0.9  # the cosine of two texts that may mean the same: see `say_the_same` for why that alone is never enough
CANDIDATES = 20


def remember(
    tx: Transaction, new: NewMemory, at: datetime, *, vector: Vector | None, alike: Collection[MemoryId] = ()
) -> Kept:
    """Keep a memory, or let the one gain that says the same already. `alike` are those whose vectors are near to its own."""
    known = _find_known(tx, new, at, frozenset(alike))
    if known is not None:
        gain = {
            "importance": new.importance,
            "at": micros(at),
            "expires_at": optional_micros(new.expires_at),
            "id": known,
        }
        tx.execute(_GAIN, gain)
        memories.add_source(tx, known, new.run_id)
        memories.supersede(tx, new.supersedes, known, at)
        return Kept(id=known, merged=True)
    memory_id = memories.insert_memory(tx, new, at)
    memories.supersede(tx, new.supersedes, memory_id, at)
    if vector is not None:
        keep_vector(tx, memory_id, vector)
    return Kept(id=memory_id)


def _find_known(tx: Transaction, new: NewMemory, at: datetime, alike: frozenset[MemoryId]) -> MemoryId | None:
    """A memory of the same place and type that says the same."""
    worded = _find_worded_alike(tx, new)
    rows = tx.execute(memories.READ, memories.read_parameters(worded | alike, [new.place], at, [new.type]))
    for known in map(memories.read_memory, rows.fetchall()):
        if say_the_same(new.text, known.text, alike=known.id in alike):
            return known.id
    return None


def _find_worded_alike(tx: Transaction, new: NewMemory) -> frozenset[MemoryId]:
    words = looked_for(new.text)
    if not words:
        return frozenset()
    rows = tx.execute(_WORDED_ALIKE, (all_of(new.place, words), CANDIDATES)).fetchall()
    return frozenset(MemoryId(id_) for (id_,) in rows)


_WORDED_ALIKE = "SELECT rowid FROM memory_words WHERE memory_words MATCH ? ORDER BY rowid DESC LIMIT ?"

# What is said again matters a little more, and is kept for as long as either was to be kept.
_GAIN = """
UPDATE memories SET
    importance = max(importance, :importance) + (1 - max(importance, :importance)) * 0.1,
    used_at = max(used_at, :at),
    expires_at = CASE WHEN :expires_at IS NULL THEN NULL ELSE max(expires_at, :expires_at) END
WHERE id = :id
"""
