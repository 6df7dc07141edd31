"""What somebody who waits for a conversation asks: which run a message became, whether all is at rest, what is owed."""

import sqlite3
from datetime import datetime

from runtime.facts import EventType
from runtime.records import ConversationRef, RunId, UserRef
from storage.encoding import from_json, micros, moment, optional_moment
from storage.guards import undelivered, unsettled

Owed = tuple[RunId | None, datetime]
Away = tuple[RunId, str, datetime | None]


def find_run_of_message(connection: sqlite3.Connection, where: ConversationRef, message_id: str) -> RunId | None:
    """The run that a message became; None where it became none, or was never received."""
    key = (where.platform, where.space, where.channel, message_id)
    row = connection.execute(_RUN_OF_MESSAGE, key).fetchone()
    return None if row is None or row[0] is None else RunId(row[0])


_RUN_OF_MESSAGE = "SELECT run_id FROM inbound WHERE platform = ? AND space = ? AND channel = ? AND message_id = ?"


def is_quiet(connection: sqlite3.Connection, where: ConversationRef) -> bool:
    """Whether no run of the conversation is queued or running, and nothing is owed to it."""
    return connection.execute(_BUSY, _key(where)).fetchone() is None


_BUSY = f"""
SELECT 1 FROM conversations AS c
WHERE c.platform = :platform AND c.space = :space AND c.channel = :channel AND c.thread = :thread
  AND (EXISTS (SELECT 1 FROM runs AS r
               WHERE {unsettled("r")} AND r.conversation_id = c.id AND r.status IN ('queued', 'running'))
       OR EXISTS (SELECT 1 FROM deliveries AS d WHERE {undelivered("d")} AND d.conversation_id = c.id))
"""


def is_worked(connection: sqlite3.Connection, where: ConversationRef) -> bool:
    """Whether a run of the conversation is queued or running."""
    return connection.execute(_WORKED, _key(where)).fetchone() is not None


_WORKED = f"""
SELECT 1 FROM conversations AS c JOIN runs AS r ON r.conversation_id = c.id
WHERE c.platform = :platform AND c.space = :space AND c.channel = :channel AND c.thread = :thread
  AND {unsettled("r")} AND r.status IN ('queued', 'running')
LIMIT 1
"""


def list_owed(connection: sqlite3.Connection, where: ConversationRef) -> tuple[Owed, ...]:
    """What is owed to a conversation: of which run, and since when."""
    return tuple(_owed(row) for row in connection.execute(_OWED, _key(where)))


_OWED = f"""
SELECT d.run_id, d.created_at FROM conversations AS c JOIN deliveries AS d ON d.conversation_id = c.id
WHERE c.platform = :platform AND c.space = :space AND c.channel = :channel AND c.thread = :thread AND {undelivered("d")}
"""


def find_owed(connection: sqlite3.Connection, delivery: int) -> Owed | None:
    """The same of one delivery."""
    row = connection.execute("SELECT run_id, created_at FROM deliveries WHERE id = ?", (delivery,)).fetchone()
    return None if row is None else _owed(row)


def list_away(connection: sqlite3.Connection, where: ConversationRef, since: datetime) -> tuple[Away, ...]:
    """The runs of the conversation that were put back since then because their model is away, or still are: what is wrong with
    that, and when it is asked again."""
    parameters = _key(where) | {"since": micros(since), "called": EventType.MODEL_CALL_FINISHED.value}
    return tuple(
        (RunId(run_id), str(from_json(body).get("error", "")), optional_moment(again))
        for run_id, body, again in connection.execute(_AWAY, parameters)
    )


# The last event of a run that is put back is that of the call that failed.
_AWAY = f"""
SELECT r.id, p.body, r.not_before
FROM conversations AS c JOIN runs AS r ON r.conversation_id = c.id
JOIN events AS e ON e.run_id = r.id AND e.seq = r.event_count JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE c.platform = :platform AND c.space = :space AND c.channel = :channel AND c.thread = :thread
  AND {unsettled("r")} AND r.status = 'queued' AND r.model_away_since IS NOT NULL
  AND e.type = :called AND (e.at >= :since OR r.not_before > :since)
ORDER BY r.id
"""


def _key(where: ConversationRef) -> dict[str, object]:
    return {"platform": where.platform, "space": where.space, "channel": where.channel, "thread": where.thread}


def _owed(row: tuple[int | None, int]) -> Owed:
    run_id, created_at = row
    return None if run_id is None else RunId(run_id), moment(created_at)


def has_written(connection: sqlite3.Connection, account: UserRef) -> bool:
    """Whether a run was ever asked for from this very account."""
    return connection.execute(_OF_ACCOUNT, (str(account),)).fetchone() is not None


_OF_ACCOUNT = "SELECT 1 FROM runs WHERE asked_by = ? LIMIT 1"
