"""Runs, calls and approvals as they stand: the loaders that readers and the writer's units share."""

import sqlite3
from typing import Any

from runtime.errors import NotFound
from runtime.records import (
    Approval,
    ApprovalId,
    ApprovalKind,
    CallId,
    ConversationRef,
    Decision,
    Denial,
    DeniedBy,
    Effect,
    GrantScope,
    Reasoning,
    Requirement,
    Risk,
    Run,
    RunId,
    Step,
    ToolCall,
    UserRef,
    Verdict,
    Workspace,
)
from runtime.states import ApprovalStatus, CallState, RunStatus
from storage.encoding import (
    attachments_from_json,
    from_json,
    moment,
    observation_from_json,
    optional_moment,
)
from storage.transaction import Transaction

Connection = sqlite3.Connection | Transaction


def load_run(connection: Connection, run_id: int) -> Run:
    """A run with its steps and calls. Raises NotFound."""
    row = _load_row(connection, run_id)
    steps = connection.execute(_STEPS, (run_id,)).fetchall()
    return _run(row, _load_steps(connection, run_id, steps) if steps else ())


def load_run_alone(connection: Connection, run_id: int) -> Run:
    """A run as if it had no steps, for what has to do with the run only. Raises NotFound."""
    return _run(_load_row(connection, run_id), ())


def _load_row(connection: Connection, run_id: int) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(_RUN, (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no run {run_id}")
    return row


_RUN = """
SELECT r.id, r.conversation_id, c.platform, c.space, c.channel, c.thread, c.direct, r.message_id, r.asked_by,
       r.author_name, r.request, r.attachments, r.workspace_id, r.workspace_path, r.reasoning, r.debug, r.reflect,
       r.status, r.attempts, r.cancel_requested, r.cancelled_by, r.answer, r.failure, r.created_at, r.ended_at,
       r.model_away_since
FROM runs AS r JOIN conversations AS c ON c.id = r.conversation_id
WHERE r.id = ?
"""
_STEPS = "SELECT number, text FROM steps WHERE run_id = ? ORDER BY number"


def _run(row: tuple[Any, ...], steps: tuple[Step, ...]) -> Run:
    (
        id_, conversation, platform, space, channel, thread, direct, message_id, asked_by, author_name, request,
        attachments, workspace_id, workspace_path, reasoning, debug, reflect, status, attempts, cancel_requested,
        cancelled_by, answer, failure, created_at, ended_at, model_away_since,
    ) = row  # fmt: skip
    return Run(
        id=RunId(id_),
        conversation_id=conversation,
        where=ConversationRef(platform=platform, space=space, channel=channel, thread=thread),
        direct=bool(direct),
        message_id=message_id,
        asked_by=UserRef.parse(asked_by),
        author_name=author_name,
        request=request,
        attachments=attachments_from_json(attachments),
        workspace=Workspace(id=workspace_id, path=workspace_path),
        reasoning=Reasoning(reasoning),
        debug=bool(debug),
        reflect=bool(reflect),
        status=RunStatus(status),
        steps=steps,
        attempts=attempts,
        cancel_requested=bool(cancel_requested),
        cancelled_by=cancelled_by,
        answer=answer,
        failure=failure,
        created_at=moment(created_at),
        ended_at=optional_moment(ended_at),
        model_away_since=optional_moment(model_away_since),
    )


def _load_steps(connection: Connection, run_id: int, steps: list[tuple[int, str]]) -> tuple[Step, ...]:
    calls: dict[int, list[ToolCall]] = {}
    for step, *row in connection.execute(_CALLS, (run_id,)):
        calls.setdefault(step, []).append(_call(row))
    return tuple(Step(number=number, text=text, calls=tuple(calls.get(number, ()))) for number, text in steps)


_CALLS = """
SELECT t.step, t.id, t.number, t.tool, t.version, t.arguments, t.digest, t.effect, coalesce(s.risk, t.risk), t.reason,
       coalesce(s.why_asked, t.why_asked), t.reads_untrusted, coalesce(s.sends_out, t.sends_out), s.each_time, s.grant_id,
       s.state, s.attempt, s.observation, s.denied_by, s.denial, s.denier, a.preview, a.target
FROM tool_calls AS t
JOIN call_states AS s ON s.call_id = t.id
LEFT JOIN approvals AS a ON a.id = s.approval_id
WHERE t.run_id = ?
ORDER BY t.step, t.number
"""


def _call(row: list[Any]) -> ToolCall:
    (
        id_, number, tool, version, arguments, digest, effect, risk, reason, why_asked, reads_untrusted, sends_out, each_time,
        grant, state, attempt, observation, denied_by, denial, denier, preview, target,
    ) = row  # fmt: skip
    return ToolCall(
        id=CallId(id_),
        number=number,
        tool=tool,
        version=version,
        arguments=from_json(arguments),
        digest=digest.hex(),
        effect=Effect(effect),
        risk=Risk(risk),
        reason=reason,
        why_asked=why_asked,
        preview=preview or "",
        target=target or "",
        reads_untrusted=bool(reads_untrusted),
        sends_out=bool(sends_out),
        each_time=bool(each_time),
        grant=grant,
        state=CallState(state),
        attempt=attempt,
        observation=observation_from_json(observation),
        denial=Denial(by=DeniedBy(denied_by), reason=denial, who=denier) if denied_by else None,
    )


def find_approval(connection: Connection, approval_id: int) -> Approval | None:
    row = connection.execute(_APPROVAL + "WHERE a.id = ?", (approval_id,)).fetchone()
    return None if row is None else approval_from(row)


def find_approval_of(connection: Connection, call_id: int) -> Approval | None:
    """The newest approval that was asked for a call."""
    row = connection.execute(_APPROVAL + _OF_CALL, (call_id,)).fetchone()
    return None if row is None else approval_from(row)


_APPROVAL = """
SELECT a.id, a.run_id, a.call_id, a.kind, a.status, a.requirement, a.requested_at, a.expires_at,
       d.verdict, d.grant_scope, d.decided_by, d.name, d.comment, d.place, d.at
FROM approvals AS a LEFT JOIN decisions AS d ON d.approval_id = a.id
"""


_OF_CALL = "WHERE a.id = (SELECT approval_id FROM call_states WHERE call_id = ?)"


def approval_from(row: tuple[Any, ...]) -> Approval:
    id_, run_id, call_id, kind, status, requirement, requested_at, expires_at, verdict, *decided = row
    decision = None
    if verdict is not None:
        scope, by, name, comment, place, at = decided
        decision = Decision(
            verdict=Verdict(verdict),
            by=UserRef.parse(by),
            by_name=name,
            grant=GrantScope(scope) if scope else None,
            comment=comment,
            at=moment(at),
            where=place,
        )
    return Approval(
        id=ApprovalId(id_),
        run_id=RunId(run_id),
        call_id=CallId(call_id),
        kind=ApprovalKind(kind),
        status=ApprovalStatus(status),
        requirement=Requirement(requirement),
        requested_at=moment(requested_at),
        expires_at=optional_moment(expires_at),
        decision=decision,
    )
