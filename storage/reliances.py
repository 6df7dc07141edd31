"""Which memories stood in the contexts of a run: in what it planned with, and in what it answered with."""

import sqlite3
from collections.abc import Collection
from datetime import datetime

from runtime.errors import MemoryGone
from runtime.memory.records import MemoryId
from runtime.records import RunId
from storage.encoding import micros, to_json
from storage.transaction import Transaction


def record_reliances(tx: Transaction, run_id: RunId, ids: Collection[MemoryId], at: datetime) -> None:
    """Each of them counts as used, once for a run. Costs nothing where there are none.

    Raises MemoryGone where one is not remembered any more: what was thought with it in sight tells of it, maybe, and whoever
    forgot it found nothing of that yet.
    """
    if not ids:
        return
    if not are_remembered(tx, ids):
        raise MemoryGone(f"run {run_id} had a memory at hand that is forgotten by now")
    relied = {"run": run_id, "ids": to_json(sorted(ids)), "at": micros(at)}
    tx.execute(_USED, relied)
    tx.execute(_INSERT, relied)


_USED = """
UPDATE memories SET uses = uses + 1, used_at = :at
WHERE id IN (SELECT value FROM json_each(:ids))
  AND NOT EXISTS (SELECT 1 FROM reliances WHERE run_id = :run AND memory_id = memories.id)
"""
_INSERT = """
INSERT INTO reliances (run_id, memory_id) SELECT :run, value FROM json_each(:ids) WHERE true ON CONFLICT DO NOTHING
"""


def are_remembered(tx: Transaction, ids: Collection[MemoryId]) -> bool:
    """Whether all of these are on record still, history included. Costs nothing where there are none."""
    return not ids or tx.execute(_THERE, (to_json(sorted(ids)),)).fetchone() == (len(set(ids)),)


_THERE = "SELECT count(*) FROM memories WHERE id IN (SELECT value FROM json_each(?))"


def list_reliances(connection: sqlite3.Connection, run_id: RunId) -> tuple[MemoryId, ...]:
    """What a run had in its contexts and is still remembered, history included."""
    return tuple(MemoryId(id_) for (id_,) in connection.execute(LIST, (run_id,)))


LIST = "SELECT memory_id FROM reliances WHERE run_id = ? ORDER BY memory_id"
