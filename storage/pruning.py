"""Forgetting runs that ended long ago. What remains of one is its number and the head of its chain: it was removed
on purpose, and the trail of the others still verifies."""

from datetime import datetime

from storage.encoding import micros
from storage.transaction import Transaction

BATCH = 200


def prune(tx: Transaction, before: datetime, at: datetime) -> int:
    """Remove at most BATCH runs that ended before a moment and owe nothing. Returns how many; 0 once all are gone."""
    tx.trails.write()  # the heads that are remembered
    parameters = {"before": micros(before), "at": micros(at), "batch": BATCH}
    return len([tx.execute(_REMOVE, (run_id,)) for (run_id,) in tx.execute(_REMEMBER, parameters).fetchall()])


# The second condition keeps expired runs for as long as finished ones: they have no end of their own.
_ENDED = """
SELECT id, event_head FROM runs
WHERE (status IN ('completed', 'failed', 'cancelled') AND ended_at < :before
       OR status = 'expired' AND created_at < :before)
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE run_id = runs.id AND status IN ('owed', 'sending'))
"""
_REMEMBER = f"""
INSERT INTO pruned (run_id, head, at)
SELECT id, event_head, :at FROM ({_ENDED}) ORDER BY id LIMIT :batch
RETURNING run_id
"""
_REMOVE = "DELETE FROM runs WHERE id = ?"

COUNT = f"SELECT count(*) FROM ({_ENDED})"


def count_parameters(before: datetime) -> dict[str, int]:
    return {"before": micros(before)}
