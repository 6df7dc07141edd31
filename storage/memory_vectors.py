"""The vectors of memories on record: kept, listed, read place by place."""

from collections.abc import Iterable, Mapping
from typing import Any

from runtime.memory.records import MemoryId, Place, Vector
from storage.encoding import to_json
from storage.transaction import Transaction

BLOCK = 4096  # vectors that are read in one go


def keep_vector(tx: Transaction, memory_id: MemoryId, vector: Vector) -> bool:
    """Whether it was kept: a memory that is history by now needs none, and one of its space stays as it is."""
    return tx.execute(_KEEP, {"id": memory_id, "space": vector.space, "vector": vector.values}).rowcount == 1


_KEEP = """
INSERT INTO memory_vectors (memory_id, space, scope, subject, vector)
SELECT id, :space, scope, subject, :vector FROM memories WHERE id = :id AND retired_at IS NULL
ON CONFLICT DO NOTHING
"""


def keep_vectors(tx: Transaction, vectors: Mapping[MemoryId, Vector]) -> int:
    return sum(keep_vector(tx, memory_id, vector) for memory_id, vector in vectors.items())


def find_vector(tx: Transaction, memory_id: MemoryId, space: str) -> bytes | None:
    row = tx.execute(_FIND, (memory_id, space)).fetchone()
    return None if row is None else bytes(row[0])


_FIND = "SELECT vector FROM memory_vectors WHERE memory_id = ? AND space = ?"

WITHOUT = """
SELECT m.id, m.text FROM memories AS m
WHERE m.id < coalesce(:before, 9223372036854775807) AND m.retired_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM memory_vectors AS v WHERE v.memory_id = m.id AND v.space = :space)
ORDER BY m.id DESC LIMIT :limit
"""


def read_texts(rows: Iterable[Any]) -> tuple[tuple[MemoryId, str], ...]:
    return tuple((MemoryId(id_), text) for id_, text in rows)


def drop_other_vectors(tx: Transaction, space: str) -> int:
    """Remove vectors of other spaces than this, BLOCK at most. Returns how many; 0 once none is left."""
    return tx.execute(_DROP_OTHERS, (space, BLOCK)).rowcount


_DROP_OTHERS = "DELETE FROM memory_vectors WHERE n IN (SELECT n FROM memory_vectors WHERE space <> ? LIMIT ?)"

# What came to a place since somebody looked; `size` in bytes.
NEWS = """
SELECT v.n, v.memory_id, m.type, v.vector
FROM memory_vectors AS v JOIN memories AS m ON m.id = v.memory_id
WHERE v.scope = :scope AND v.subject = :subject AND v.space = :space AND v.n > :after AND length(v.vector) = :size
ORDER BY v.n LIMIT :most
"""
# Those of some memories of a place. CROSS JOIN: memory after memory; by the place, all of it would be read.
THESE = """
SELECT v.n, v.memory_id, m.type, v.vector
FROM json_each(:ids) AS i CROSS JOIN memory_vectors AS v ON v.memory_id = i.value JOIN memories AS m ON m.id = v.memory_id
WHERE v.space = :space
  AND v.scope = :scope AND v.subject = :subject AND length(v.vector) = :size
"""
ANY_NEWS = f"SELECT 1 FROM ({NEWS})"


def news_parameters(place: Place, vector: Vector, *, after: int, most: int = BLOCK) -> dict[str, Any]:
    return _comparable(place, vector) | {"after": after, "most": most}


def these_parameters(place: Place, vector: Vector, ids: Iterable[MemoryId]) -> dict[str, Any]:
    return _comparable(place, vector) | {"ids": to_json(sorted(ids))}


def _comparable(place: Place, vector: Vector) -> dict[str, Any]:
    return {"scope": place.scope, "subject": place.subject, "space": vector.space, "size": len(vector.values)}


# How the places stand; those with nothing to be found have no row.
STANDING = """
SELECT scope, subject, live, thinned FROM memory_places
WHERE (scope, subject) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:places))
"""


def places_parameter(places: Iterable[Place]) -> str:
    return to_json(sorted([place.scope.value, place.subject] for place in places))
