"""What people look at: histories, pending approvals, timelines; and what the context is built from. Reads only."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from runtime.ports import Seen
from runtime.proposals import Conversation, PastRun, PendingLine, RunLine, RunQuery, Turn
from runtime.records import ApprovalId, ConversationRef, JsonObject, Requirement, RunId, UserRef
from runtime.states import RunStatus
from storage.encoding import from_json, micros, moment, to_json
from storage.guards import unsettled
from storage.transaction import Transaction


def load_turns(connection: sqlite3.Connection, conversation_id: int, before: RunId, *, limit: int) -> tuple[Turn, ...]:
    """The requests that were made in a conversation before this one, with what became of them; oldest first."""
    rows = connection.execute(_TURNS, {"conversation": conversation_id, "run": before, "limit": limit}).fetchall()
    return tuple(
        Turn(run_id=id_, author=name, request=request, answer=answer, status=status)
        for id_, name, request, answer, status in reversed(rows)
    )


_TURNS = """
SELECT id, author_name, request, answer, status FROM runs
WHERE conversation_id = :conversation AND id < :run
ORDER BY id DESC LIMIT :limit
"""


def list_pending(
    connection: sqlite3.Connection, *, conversation_id: int | None = None, run_id: RunId | None = None
) -> tuple[ApprovalId, ...]:
    """Pending approvals, oldest first: of a conversation, of a run, or all; at most 64."""
    if run_id is not None:
        rows = connection.execute(_PENDING_OF_RUN, {"run": run_id, "conversation": conversation_id})
    elif conversation_id is not None:
        rows = connection.execute(_PENDING_OF_CONVERSATION, (conversation_id,))
    else:
        rows = connection.execute(_PENDING)
    return tuple(ApprovalId(row[0]) for row in rows)


# Each in its own words: one statement for all of them would read every approval there ever was.
_PENDING = "SELECT id FROM approvals WHERE status = 'pending' ORDER BY id LIMIT 64"
_PENDING_OF_RUN = """
SELECT a.id FROM approvals AS a JOIN runs AS r ON r.id = a.run_id
WHERE a.run_id = :run AND a.status = 'pending' AND (:conversation IS NULL OR r.conversation_id = :conversation)
ORDER BY a.id LIMIT 64
"""
_PENDING_OF_CONVERSATION = f"""
SELECT a.id FROM runs AS r CROSS JOIN approvals AS a
WHERE {unsettled("r")} AND r.conversation_id = ? AND a.run_id = r.id AND a.status = 'pending'
ORDER BY a.id LIMIT 64
"""


PENDING = """
SELECT a.id, a.requirement, r.asked_by FROM approvals AS a CROSS JOIN runs AS r
WHERE a.status = 'pending' AND r.id = a.run_id AND (:conversation IS NULL OR r.conversation_id = :conversation)
ORDER BY +a.id -- sorted, not walked: the pending ones are few, the others are not
"""


def read_pending(rows: Iterable[tuple[Any, ...]]) -> tuple[PendingLine, ...]:
    return tuple(
        PendingLine(id=ApprovalId(id_), requirement=Requirement(requirement), asked_by=UserRef.parse(asked_by))
        for id_, requirement, asked_by in rows
    )


def list_runs(connection: sqlite3.Connection, query: RunQuery) -> tuple[RunLine, ...]:
    parameters = {
        "status": query.status,
        "conversation": query.conversation_id,
        "since": None if query.since is None else micros(query.since),
        "said_until": None if query.said_until is None else micros(query.said_until),
        "before": query.before,
        "after": query.after,
        "limit": query.limit,
    }
    backwards = query.after is not None
    rows = connection.execute(_RUNS_AFTER if backwards else _RUNS, parameters)
    lines = tuple(_line(row) for row in rows)
    return tuple(reversed(lines)) if backwards else lines


_SELECT_RUNS = """
SELECT r.id, c.platform, c.space, c.channel, c.thread, c.direct, r.asked_by, substr(r.request, 1, 300), r.status,
       r.created_at
FROM runs AS r JOIN conversations AS c ON c.id = r.conversation_id
WHERE (:status IS NULL OR r.status = :status)
  AND (:conversation IS NULL OR r.conversation_id = :conversation) AND (:since IS NULL OR r.created_at >= :since)
  AND (:said_until IS NULL OR r.sent_at <= :said_until)
"""
_RUNS = _SELECT_RUNS + "AND (:before IS NULL OR r.id < :before) ORDER BY r.id DESC LIMIT :limit"
_RUNS_AFTER = _SELECT_RUNS + "AND r.id > :after ORDER BY r.id LIMIT :limit"


def _line(row: tuple[Any, ...]) -> RunLine:
    id_, platform, space, channel, thread, direct, asked_by, request, status, created_at = row
    return RunLine(
        id=RunId(id_),
        where=ConversationRef(platform=platform, space=space, channel=channel, thread=thread),
        direct=bool(direct),
        asked_by=UserRef.parse(asked_by),
        request=request,
        status=RunStatus(status),
        created_at=moment(created_at),
    )


# The index alone says which; what they say is read of those only. What was forgotten of a run takes the run with it.
OWN = """
SELECT r.id, r.status, r.created_at, r.request, coalesce(r.answer, '') FROM runs AS r
WHERE r.id IN (
    SELECT id FROM runs
    WHERE asked_by IN (SELECT value FROM json_each(:accounts)) AND id < :before
      AND (:conversation IS NULL OR conversation_id = :conversation)
      AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.run_id = runs.id AND e.type = 'payload_erased')
    ORDER BY id DESC LIMIT :limit
)
ORDER BY r.id DESC
"""


def own_parameters(
    accounts: Iterable[UserRef], *, conversation_id: int | None, before: RunId, limit: int
) -> dict[str, object]:
    written = to_json(sorted(map(str, accounts)))
    return {"accounts": written, "conversation": conversation_id, "before": before, "limit": limit}


def read_own(rows: Iterable[tuple[Any, ...]]) -> tuple[PastRun, ...]:
    return tuple(
        PastRun(id=RunId(id_), status=RunStatus(status), created_at=moment(created), request=request, answer=answer)
        for id_, status, created, request, answer in rows
    )


def list_stopping(connection: sqlite3.Connection) -> frozenset[RunId]:
    """The running runs that a person asked to stop."""
    return frozenset(RunId(row[0]) for row in connection.execute(_STOPPING))


_STOPPING = "SELECT id FROM runs WHERE status = 'running' AND cancel_requested = 1"


def list_open_runs(connection: sqlite3.Connection, where: ConversationRef, *, whole_channel: bool) -> tuple[RunId, ...]:
    """The runs of a conversation, or of all threads of its channel, that have not come to an end; oldest first."""
    parameters = (where.platform, where.space, where.channel, int(whole_channel), where.thread)
    return tuple(RunId(row[0]) for row in connection.execute(_OPEN, parameters))


_OPEN = f"""
SELECT r.id FROM conversations AS c JOIN runs AS r ON r.conversation_id = c.id
WHERE c.platform = ? AND c.space = ? AND c.channel = ? AND (? OR c.thread = ?)
  AND {unsettled("r")}
ORDER BY r.id LIMIT 64
"""


def find_conversation(connection: sqlite3.Connection, where: ConversationRef) -> Conversation | None:
    row = connection.execute(_CONVERSATION, (where.platform, where.space, where.channel, where.thread)).fetchone()
    return None if row is None else Conversation(id=row[0], options=from_json(row[1]))


_CONVERSATION = """
SELECT id, options FROM conversations WHERE platform = ? AND space = ? AND channel = ? AND thread = ?
"""


def set_options(tx: Transaction, conversation_id: int, options: JsonObject) -> None:
    tx.execute("UPDATE conversations SET options = ? WHERE id = ?", (to_json(dict(options)), conversation_id))


def list_seen(connection: sqlite3.Connection, platform: str) -> tuple[Seen, ...]:
    """The conversations of a platform with the newest message of each, the liveliest first; at most 1,000."""
    return tuple(
        Seen(
            where=ConversationRef(platform=platform, space=space, channel=channel, thread=thread),
            direct=bool(direct),
            last_id=last_id,
            last_at=moment(last_at),
        )
        for space, channel, thread, direct, last_id, last_at in connection.execute(_SEEN, (platform,))
    )


_SEEN = """
SELECT space, channel, thread, direct, last_message_id, last_message_at FROM conversations
WHERE platform = ? AND last_message_at > 0
ORDER BY last_message_at DESC LIMIT 1000
"""
