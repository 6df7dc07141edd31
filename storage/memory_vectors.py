"""Vectors of memories: which are missing, which are kept, and which nobody needs any longer."""

from collections.abc import Iterable, Mapping
from typing import Any

from runtime.memory.records import MemoryId, Vector
from storage.transaction import Transaction

LIST_WITHOUT = """
SELECT m.id, m.text FROM memories AS m
WHERE m.id < coalesce(:before, 9223372036854775807) AND m.retired_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM memory_vectors AS v WHERE v.memory_id = m.id AND v.space = :space)
ORDER BY m.id DESC LIMIT :limit
"""


def read_texts(rows: Iterable[Any]) -> tuple[tuple[MemoryId, str], ...]:
    return tuple((MemoryId(id_), text) for id_, text in rows)


def keep_vectors(tx: Transaction, vectors: Mapping[MemoryId, Vector]) -> int:
    return sum(_keep(tx, memory_id, vector) for memory_id, vector in vectors.items())


def _keep(tx: Transaction, memory_id: MemoryId, vector: Vector) -> int:
    return tx.execute(_KEEP, {"id": memory_id, "space": vector.space, "vector": vector.values}).rowcount


# A memory that was forgotten meanwhile stays forgotten.
_KEEP = """
INSERT INTO memory_vectors (memory_id, space, vector)
SELECT id, :space, :vector FROM memories WHERE id = :id AND retired_at IS NULL
ON CONFLICT DO NOTHING
"""


def drop_other_vectors(tx: Transaction, space: str) -> int:
    return tx.execute("DELETE FROM memory_vectors WHERE space <> ?", (space,)).rowcount
