"""Memories: kept, looked up by place, found by their words. Every query that searches names the places in itself."""

import re
import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from runtime.memory.records import (
    Found,
    Kept,
    Memory,
    MemoryId,
    MemoryQuery,
    MemoryScope,
    MemoryType,
    NewMemory,
    Place,
    Vector,
)
from runtime.records import RunId, UserRef
from storage.encoding import from_json, micros, moment, optional_micros, optional_moment, to_json
from storage.transaction import Transaction

Connection = sqlite3.Connection | Transaction


def remember(tx: Transaction, new: NewMemory, at: datetime, *, vector: Vector | None) -> Kept:
    """Insert a memory, and retire those of its place that it supersedes."""
    memory_id = MemoryId(tx.insert(_INSERT, _row_of(new, at)))
    for older in new.supersedes:
        tx.execute(_SUPERSEDE, (micros(at), memory_id, older, new.place.scope, new.place.subject))
    if vector is not None:
        tx.execute(_KEEP_VECTOR, (memory_id, vector.space, vector.values))
    return Kept(id=memory_id)


_INSERT = """
INSERT INTO memories (text, scope, subject, type, importance, metadata, said_by, run_id, created_at, used_at, expires_at)
VALUES (:text, :scope, :subject, :type, :importance, :metadata, :said_by, :run_id, :at, :at, :expires_at)
"""
_SUPERSEDE = """
UPDATE memories SET retired_at = ?, superseded_by = ?
WHERE id = ? AND scope = ? AND subject = ? AND retired_at IS NULL
"""
_KEEP_VECTOR = "INSERT INTO memory_vectors (memory_id, space, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


def _row_of(new: NewMemory, at: datetime) -> dict[str, Any]:
    return {
        "text": new.text,
        "scope": new.place.scope,
        "subject": new.place.subject,
        "type": new.type,
        "importance": new.importance,
        "metadata": to_json(new.metadata),
        "said_by": str(new.said_by),
        "run_id": new.run_id,
        "at": micros(at),
        "expires_at": optional_micros(new.expires_at),
    }


_COLUMNS = """
m.id, m.text, m.scope, m.subject, m.type, m.importance, m.said_by, m.run_id, m.metadata, m.created_at, m.used_at, m.uses,
m.helped, m.misled, m.pinned, m.expires_at, m.retired_at, m.superseded_by
"""


def find_memory(connection: Connection, memory_id: MemoryId) -> Memory | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM memories AS m WHERE m.id = ?", (memory_id,)).fetchone()
    return None if row is None else read_memory(row)


# Which memories are of these places: the first condition of whatever searches or lists.
_OF_PLACES = """
(m.scope, m.subject) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:places))
"""
_LIVE = "m.retired_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > :at)"

HAS = f"SELECT 1 FROM memories AS m WHERE {_OF_PLACES} LIMIT 1"
LIST = f"""
SELECT {_COLUMNS} FROM memories AS m
WHERE {_OF_PLACES} AND (:retired OR {_LIVE}) AND (:before IS NULL OR m.id < :before)
ORDER BY m.id DESC LIMIT :limit
"""
SEARCH = f"""
SELECT bm25(memory_words), {_COLUMNS}
FROM memory_words JOIN memories AS m ON m.id = memory_words.rowid
WHERE memory_words MATCH :words AND {_OF_PLACES} AND {_LIVE}
  AND (:types IS NULL OR m.type IN (SELECT value FROM json_each(:types)))
ORDER BY bm25(memory_words) LIMIT :limit
"""


def places_parameter(places: Collection[Place]) -> str:
    return to_json(sorted([place.scope.value, place.subject] for place in places))


def search_parameters(query: MemoryQuery, at: datetime) -> dict[str, Any] | None:
    """None where the text has no word that could be looked for."""
    words = dict.fromkeys(re.findall(r"\w+", query.text))
    if not words:
        return None
    return {
        "words": " OR ".join(f'"{word}"' for word in words),
        "places": places_parameter(query.places),
        "at": micros(at),
        "types": None if query.types is None else to_json(sorted(query.types)),
        "limit": query.limit,
    }


PLACES = "SELECT DISTINCT scope, subject FROM memories"


def read_places(rows: Iterable[Any]) -> frozenset[Place]:
    return frozenset(Place(MemoryScope(scope), subject) for scope, subject in rows)


def read_found(rows: Iterable[Any]) -> tuple[Found, ...]:
    return tuple(Found(memory=read_memory(row), score=-rank) for rank, *row in rows)


def read_memory(row: Any) -> Memory:
    (id_, text, scope, subject, type_, importance, said_by, run_id, metadata, created_at, used_at, uses,
     helped, misled, pinned, expires_at, retired_at, superseded_by) = row  # fmt: skip
    return Memory(
        id=MemoryId(id_),
        text=text,
        place=Place(MemoryScope(scope), subject),
        type=MemoryType(type_),
        importance=importance,
        said_by=UserRef.parse(said_by),
        run_id=None if run_id is None else RunId(run_id),
        metadata=from_json(metadata),
        created_at=moment(created_at),
        used_at=moment(used_at),
        uses=uses,
        helped=helped,
        misled=misled,
        pinned=bool(pinned),
        expires_at=optional_moment(expires_at),
        retired_at=optional_moment(retired_at),
        superseded_by=None if superseded_by is None else MemoryId(superseded_by),
    )


def pin(tx: Transaction, memory_id: MemoryId, *, pinned: bool) -> bool:
    return tx.execute("UPDATE memories SET pinned = ? WHERE id = ?", (pinned, memory_id)).rowcount == 1
