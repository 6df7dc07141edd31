"""Summaries of conversations: one stands for each, and goes with the first run that it covers and somebody forgets."""

import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from runtime.afterthoughts.records import Summary
from runtime.proposals import Turn
from runtime.records import RunId
from storage.encoding import micros, to_json
from storage.transaction import Transaction


def find_summary(connection: sqlite3.Connection, conversation_id: int, before: RunId) -> Summary | None:
    row = connection.execute(_FIND, (conversation_id, before)).fetchone()
    if row is None:
        return None
    first, last, text = row
    return Summary(conversation_id=conversation_id, first_run=RunId(first), last_run=RunId(last), text=text)


_FIND = """
SELECT first_run, last_run, text FROM summaries
WHERE conversation_id = ? AND last_run < ? ORDER BY last_run DESC LIMIT 1
"""


def replace_summary(tx: Transaction, new: Summary, older: Summary | None, at: datetime) -> bool:
    """Let a summary stand in the place of the one that it was made from. False: that is not there any more."""
    if older is not None and tx.execute(_REMOVE, (older.conversation_id, older.last_run)).rowcount != 1:
        return False
    tx.execute(_INSERT, (new.conversation_id, new.first_run, new.last_run, new.text, micros(at)))
    return True


_REMOVE = "DELETE FROM summaries WHERE conversation_id = ? AND last_run = ?"
_INSERT = """
INSERT INTO summaries (conversation_id, first_run, last_run, text, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""


def drop_summaries_of(tx: Transaction, run_id: int) -> None:
    """Something of a run is forgotten: whatever was summed up with it goes."""
    tx.execute(_DROP, {"run": run_id})


_DROP = """
DELETE FROM summaries
WHERE conversation_id = (SELECT conversation_id FROM runs WHERE id = :run) AND first_run <= :run AND last_run >= :run
"""


def drop_summaries_that_tell(tx: Transaction, conversations: Collection[int], tells: Callable[[str], bool]) -> None:
    """Also those of runs in which only people told it, whose own words stay: a summary is nobody's own words."""
    for conversation_id, last_run, text in tx.execute(_OF_CONVERSATIONS, (to_json(sorted(conversations)),)).fetchall():
        if tells(text):
            tx.execute(_REMOVE, (conversation_id, last_run))


_OF_CONVERSATIONS = """
SELECT conversation_id, last_run, text FROM summaries WHERE conversation_id IN (SELECT value FROM json_each(?))
"""

TURNS = """
SELECT r.id, r.author_name, r.request, r.answer, r.status FROM runs AS r
WHERE r.conversation_id = :conversation AND r.id > :after AND r.id < :before
  AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.run_id = r.id AND e.type = 'payload_erased')
ORDER BY r.id DESC LIMIT :limit
"""


def read_turns(rows: Iterable[tuple[Any, ...]]) -> tuple[Turn, ...]:
    turns = [
        Turn(run_id=id_, author=name, request=request, answer=answer, status=status)
        for id_, name, request, answer, status in rows
    ]
    return tuple(reversed(turns))
