"""Receiving: a message becomes a run, or an answered command, exactly once."""

import secrets
import sqlite3
from datetime import datetime, timedelta

from runtime.facts import EventType, Fact
from runtime.ports import Seen
from runtime.proposals import Intake, Received, Reply
from runtime.records import ConversationRef, IncomingMessage, Lease, Run, RunId
from runtime.signals import Signal
from runtime.states import RunStatus
from storage.encoding import attachments_to_json, micros, moment
from storage.events import append_events
from storage.outbox import owe, place_conversation
from storage.trails import GENESIS
from storage.transaction import Transaction


def receive(tx: Transaction, intake: Intake, at: datetime, *, worker_id: int, lease_for: timedelta | None) -> Received:
    """Record a message as a run. With `lease_for`, and nobody before it in the conversation, it is claimed at once."""
    message, stamp = intake.message, micros(at)
    conversation_id = _see(tx, message, moves_bound=intake.moves_bound)
    if was_received(tx, message):
        return Received(run=None)
    ahead = tx.execute(_AHEAD, {"conversation": conversation_id}).fetchone()[0]
    lease_token = secrets.randbits(62) if lease_for is not None and not ahead else None
    expires = micros(at + lease_for) if lease_for is not None and lease_token is not None else None
    status = RunStatus.QUEUED if lease_token is None else RunStatus.RUNNING
    run_id = tx.insert(
        _INSERT_RUN,
        (
            conversation_id, message.id, str(message.author), message.author_name, message.text,
            attachments_to_json(message.attachments), intake.workspace.id, intake.workspace.path, intake.reasoning.value,
            int(intake.debug), int(intake.reflect), status.value, micros(message.sent_at), stamp, lease_token, expires,
            None if lease_token is None else worker_id, GENESIS,
        ),
    )  # fmt: skip
    _remember(tx, message, stamp, run_id=run_id)
    tx.trails.learn(run_id, (0, GENESIS))
    append_events(tx, run_id, at, [_created(intake)])
    if ahead and intake.heard:
        owe(
            tx, at, kind="notice", conversation_id=conversation_id, person=str(message.author), run_id=run_id,
            body={"markdown": intake.heard},
        )  # fmt: skip
    tx.wake(Signal.RUNS)
    if lease_token is None:
        tx.wake(Signal.QUEUED)
    run = _run_of(intake, conversation_id, run_id, status, at)
    return Received(run=run, lease=None if lease_token is None else Lease(run_id=run.id, token=lease_token))


def receive_command(
    tx: Transaction, message: IncomingMessage, reply: Reply | None, at: datetime, *, moves_bound: bool = True
) -> bool:
    """Record a message that never becomes a run, and owe its reply. False: it had been received before."""
    _see(tx, message, moves_bound=moves_bound)
    if was_received(tx, message):
        return False
    _remember(tx, message, micros(at), run_id=None)
    if reply is not None:
        conversation_id = place_conversation(tx, reply.where, direct=reply.direct)
        owe(tx, at, kind=reply.kind, conversation_id=conversation_id, person=str(reply.person), body=reply.body)
    return True


def begin_serving(tx: Transaction, platform: str, at: datetime) -> datetime:
    """Since when the platform has been served here: the first time counts, however often it begins."""
    tx.execute(_BEGIN_SERVING, (platform, micros(at)))
    return moment(tx.execute(_SERVED_SINCE, (platform,)).fetchone()[0])


_BEGIN_SERVING = "INSERT INTO platforms (name, served_since) VALUES (?, ?) ON CONFLICT DO NOTHING"
_SERVED_SINCE = "SELECT served_since FROM platforms WHERE name = ?"


def was_received(connection: sqlite3.Connection | Transaction, message: IncomingMessage) -> bool:
    where = message.where
    row = connection.execute(_RECEIVED, (where.platform, where.space, where.channel, message.id)).fetchone()
    return row is not None


_RECEIVED = "SELECT 1 FROM inbound WHERE platform = ? AND space = ? AND channel = ? AND message_id = ?"


def move_bounds(tx: Transaction, seen: tuple[Seen, ...]) -> None:
    for each in seen:
        _touch(tx, each.where, each.direct, each.last_id, micros(each.last_at))


def _see(tx: Transaction, message: IncomingMessage, *, moves_bound: bool) -> int:
    """The message's conversation, which remembers the newest message that it saw: catching up starts there."""
    newest = (message.id, micros(message.sent_at)) if moves_bound else ("", 0)
    return _touch(tx, message.where, message.direct, *newest)


def _touch(tx: Transaction, where: ConversationRef, direct: bool, last_id: str, last_at: int) -> int:
    row = tx.execute(
        _SEE, (where.platform, where.space, where.channel, where.thread, int(direct), last_id, last_at)
    ).fetchone()
    return int(row[0])


_SEE = """
INSERT INTO conversations (platform, space, channel, thread, direct, last_message_id, last_message_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (platform, space, channel, thread) DO UPDATE SET
    direct = excluded.direct, -- a message knows; an option that somebody set in private may have come first
    last_message_id = CASE WHEN excluded.last_message_at > last_message_at THEN excluded.last_message_id
                           ELSE last_message_id END,
    last_message_at = max(last_message_at, excluded.last_message_at)
RETURNING id
"""


def _remember(tx: Transaction, message: IncomingMessage, stamp: int, *, run_id: int | None) -> None:
    where = message.where
    tx.execute(_REMEMBER, (where.platform, where.space, where.channel, message.id, run_id, stamp))


_REMEMBER = """
INSERT INTO inbound (platform, space, channel, message_id, run_id, received_at) VALUES (?, ?, ?, ?, ?, ?)
"""
# Status by status, as below: for a list of them, SQLite would make a table in memory.
_AHEAD = """
SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued' AND conversation_id = :conversation)
    OR EXISTS (SELECT 1 FROM runs WHERE status = 'running' AND conversation_id = :conversation)
"""
_INSERT_RUN = """
INSERT INTO runs (conversation_id, message_id, asked_by, author_name, request, attachments, workspace_id, workspace_path,
                  reasoning, debug, reflect, status, sent_at, created_at, lease_token, lease_expires_at, worker_id,
                  event_head)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def _created(intake: Intake) -> Fact:
    message = intake.message
    body = {"by": str(message.author), "request": message.text, "workspace": intake.workspace.id}
    if message.attachments:
        body["attachments"] = ", ".join(f"{each.name} ({each.size} bytes)" for each in message.attachments)
    return Fact(EventType.RUN_CREATED, body)


def _run_of(intake: Intake, conversation_id: int, run_id: int, status: RunStatus, at: datetime) -> Run:
    """The run as `load_run` would read it, without reading it."""
    message = intake.message
    return Run(
        id=RunId(run_id),
        conversation_id=conversation_id,
        where=message.where,
        direct=message.direct,
        message_id=message.id,
        asked_by=message.author,
        author_name=message.author_name,
        request=message.text,
        attachments=message.attachments,
        workspace=intake.workspace,
        reasoning=intake.reasoning,
        debug=intake.debug,
        reflect=intake.reflect,
        status=status,
        created_at=at,
    )
