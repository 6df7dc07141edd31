"""Memories on record: kept, superseded, read by place. Every query that looks for some names the places in itself."""

import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from runtime.memory.records import (
    Memory,
    MemoryId,
    MemoryScope,
    MemoryType,
    NewMemory,
    Place,
)
from runtime.records import RunId, UserRef
from storage.encoding import from_json, micros, moment, optional_micros, optional_moment, to_json
from storage.memory_vectors import places_parameter
from storage.transaction import Transaction

Connection = sqlite3.Connection | Transaction


def insert_memory(tx: Transaction, new: NewMemory, at: datetime) -> MemoryId:
    memory_id = MemoryId(tx.insert(_INSERT, _row_of(new, at)))
    add_source(tx, memory_id, new.run_id)
    return memory_id


_INSERT = """
INSERT INTO memories (text, scope, subject, type, importance, metadata, said_by, run_id, created_at, used_at, expires_at)
VALUES (:text, :scope, :subject, :type, :importance, :metadata, :said_by, :run_id, :at, :at, :expires_at)
"""


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


def add_source(tx: Transaction, memory_id: MemoryId, run_id: RunId | None) -> None:
    """Note that a memory was said in a run, once; forgetting it goes there."""
    if run_id is not None:
        tx.execute(_ADD_SOURCE, (memory_id, run_id))


_ADD_SOURCE = "INSERT INTO memory_sources (memory_id, run_id) VALUES (?, ?) ON CONFLICT DO NOTHING"


def supersede(tx: Transaction, older: Iterable[MemoryId], newer: MemoryId, at: datetime) -> None:
    """From now on these are history, as far as they belong to the same place as the newer one."""
    for memory_id in older:
        tx.execute(_SUPERSEDE, {"at": micros(at), "older": memory_id, "newer": newer})


_SUPERSEDE = """
UPDATE memories SET retired_at = :at, superseded_by = :newer
WHERE id = :older AND id <> :newer AND retired_at IS NULL
  AND (scope, subject) = (SELECT scope, subject FROM memories WHERE id = :newer)
"""

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

LIST = f"""
SELECT {_COLUMNS} FROM memories AS m
WHERE {_OF_PLACES} AND (:retired OR {_LIVE}) AND (:before IS NULL OR m.id < :before)
ORDER BY m.id DESC LIMIT :limit
"""
# The last word on what a search finds, wherever its candidates came from.
READ = f"""
SELECT {_COLUMNS} FROM memories AS m
WHERE m.id IN (SELECT value FROM json_each(:ids)) AND {_OF_PLACES} AND {_LIVE}
  AND (:types IS NULL OR m.type IN (SELECT value FROM json_each(:types)))
"""


def read_parameters(
    ids: Collection[MemoryId], places: Collection[Place], at: datetime, types: Collection[MemoryType] | None = None
) -> dict[str, Any]:
    return {
        "ids": to_json(sorted(ids)),
        "places": places_parameter(places),
        "at": micros(at),
        "types": None if types is None else to_json(sorted(types)),
    }


PLACES = "SELECT DISTINCT scope, subject FROM memories"


def read_places(rows: Iterable[Any]) -> frozenset[Place]:
    return frozenset(Place(MemoryScope(scope), subject) for scope, subject in rows)


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
