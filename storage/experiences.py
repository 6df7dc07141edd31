"""What critics made of runs, and what became of the lessons that runs had in their context."""

import sqlite3
from datetime import datetime

from runtime.afterthoughts.records import Experience, Judgement
from runtime.memory.records import MemoryId
from runtime.records import RunId
from storage.encoding import micros
from storage.transaction import Transaction


def record_experience(tx: Transaction, experience: Experience, lesson_id: MemoryId | None, at: datetime) -> None:
    tx.execute(
        _INSERT,
        (
            experience.run_id, lesson_id, experience.succeeded, experience.summary, experience.worked, experience.failed,
            experience.confidence, micros(at),
        ),
    )  # fmt: skip


_INSERT = """
INSERT INTO experiences (run_id, lesson_id, succeeded, summary, worked, failed, confidence, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


def find_experience(connection: sqlite3.Connection, run_id: RunId) -> Experience | None:
    row = connection.execute(_FIND, (run_id,)).fetchone()
    if row is None:
        return None
    lesson, succeeded, summary, worked, failed, confidence = row
    return Experience(
        run_id=run_id, succeeded=bool(succeeded), summary=summary, worked=worked, failed=failed, confidence=confidence,
        lesson_id=None if lesson is None else MemoryId(lesson),
    )  # fmt: skip


_FIND = "SELECT lesson_id, succeeded, summary, worked, failed, confidence FROM experiences WHERE run_id = ?"


def judge(tx: Transaction, judgement: Judgement, at: datetime) -> bool:
    """Count what a lesson did; one that misled twice, and more often than it helped, is history. False: there is none."""
    found = tx.execute(_HELPED if judgement.helped else _MISLED, (judgement.lesson_id,)).rowcount == 1
    tx.execute(_RETIRE, (micros(at), judgement.lesson_id))
    return found


_HELPED = "UPDATE memories SET helped = helped + 1 WHERE id = ? AND type = 'lesson'"
_MISLED = "UPDATE memories SET misled = misled + 1 WHERE id = ? AND type = 'lesson'"
_RETIRE = """
UPDATE memories SET retired_at = ?
WHERE id = ? AND type = 'lesson' AND retired_at IS NULL AND NOT pinned AND misled >= 2 AND misled > helped
"""
