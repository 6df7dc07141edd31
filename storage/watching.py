"""What somebody who waits for a conversation asks: which run a message became, and whether all is at rest."""

import sqlite3

from runtime.records import ConversationRef, RunId, UserRef
from storage.guards import undelivered, unsettled


def find_run_of_message(connection: sqlite3.Connection, where: ConversationRef, message_id: str) -> RunId | None:
    """The run that a message became; None where it became none, or was never received."""
    key = (where.platform, where.space, where.channel, message_id)
    row = connection.execute(_RUN_OF_MESSAGE, key).fetchone()
    return None if row is None or row[0] is None else RunId(row[0])


_RUN_OF_MESSAGE = "SELECT run_id FROM inbound WHERE platform = ? AND space = ? AND channel = ? AND message_id = ?"


def is_quiet(connection: sqlite3.Connection, where: ConversationRef) -> bool:
    """Whether no run of the conversation is queued or running, and nothing is owed to it."""
    key = {"platform": where.platform, "space": where.space, "channel": where.channel, "thread": where.thread}
    return connection.execute(_BUSY, key).fetchone() is None


_BUSY = f"""
SELECT 1 FROM conversations AS c
WHERE c.platform = :platform AND c.space = :space AND c.channel = :channel AND c.thread = :thread
  AND (EXISTS (SELECT 1 FROM runs AS r
               WHERE {unsettled("r")} AND r.conversation_id = c.id AND r.status IN ('queued', 'running'))
       OR EXISTS (SELECT 1 FROM deliveries AS d WHERE {undelivered("d")} AND d.conversation_id = c.id))
"""


def has_written(connection: sqlite3.Connection, account: UserRef) -> bool:
    """Whether a run was ever asked for from this very account."""
    return connection.execute(_OF_ACCOUNT, (str(account),)).fetchone() is not None


_OF_ACCOUNT = "SELECT 1 FROM runs WHERE asked_by = ? LIMIT 1"
