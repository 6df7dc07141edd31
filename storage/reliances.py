"""Which memories stood in the context of a run's answer."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from runtime.memory.records import MemoryId
from runtime.records import RunId
from storage.encoding import micros, to_json
from storage.transaction import Transaction


def record_reliances(tx: Transaction, run_id: RunId, ids: Iterable[MemoryId], at: datetime) -> None:
    """Each of them counts as used. One that was forgotten meanwhile is passed over."""
    relied = to_json(sorted(ids))
    tx.execute(_INSERT, {"run": run_id, "ids": relied})
    tx.execute(_USED, {"at": micros(at), "ids": relied})


_INSERT = """
INSERT INTO reliances (run_id, memory_id)
SELECT :run, id FROM memories WHERE id IN (SELECT value FROM json_each(:ids))
ON CONFLICT DO NOTHING
"""
_USED = "UPDATE memories SET uses = uses + 1, used_at = :at WHERE id IN (SELECT value FROM json_each(:ids))"


def list_reliances(connection: sqlite3.Connection, run_id: RunId) -> tuple[MemoryId, ...]:
    """What a run's answer had in its context and is still remembered, history included."""
    return tuple(MemoryId(id_) for (id_,) in connection.execute(LIST, (run_id,)))


LIST = "SELECT memory_id FROM reliances WHERE run_id = ? ORDER BY memory_id"
