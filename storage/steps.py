"""Recording steps: a directive of the planner, the calls in it as the policy ruled, and the beginning of the first."""

from dataclasses import replace
from datetime import datetime

from runtime.facts import Fact
from runtime.moves import Execute, Suspend, next_move
from runtime.proposals import ProposedCall
from runtime.records import ApprovalKind, CallId, Lease, Run, Step, ToolCall
from runtime.states import CallState
from storage.asking import ask
from storage.encoding import to_json
from storage.events import append_events
from storage.leases import check_lease
from storage.loading import load_run
from storage.progress import NO_LIMIT, begin, suspend
from storage.writer import Transaction


def record_step(
    tx: Transaction, lease: Lease, run: Run, at: datetime, *, text: str, calls: tuple[ProposedCall, ...],
    facts: tuple[Fact, ...],
) -> Run:  # fmt: skip
    """Record a directive: the calls with what the policy ruled, their approvals and cards, all at once; and begin with it."""
    is_to_stop = record_plain_step(tx, lease, run, at, text=text, facts=facts)
    number = len(run.steps) + 1
    recorded = [_propose(tx, lease, at, step=number, position=n, call=call) for n, call in enumerate(calls, start=1)]
    if is_to_stop:
        return load_run(tx, lease.run_id)
    run = with_step(run, text, tuple(recorded))
    match next_move(run, max_steps=NO_LIMIT):
        case Execute(call) if not call.target:
            return begin(tx, run, call, at)
        case Suspend():
            return suspend(tx, lease, at)
        case _:
            return run


def record_plain_step(
    tx: Transaction, lease: Lease, run: Run, at: datetime, *, text: str, facts: tuple[Fact, ...]
) -> bool:
    """Record a directive without calls. Returns whether a person asked to stop the run."""
    is_to_stop = check_lease(tx, lease)
    tx.execute(_INSERT_STEP, (lease.run_id, len(run.steps) + 1, text))
    append_events(tx, lease.run_id, at, facts)
    if run.model_away_since is not None:
        tx.execute(_MODEL_IS_BACK, (lease.run_id,))
    return is_to_stop


def with_step(run: Run, text: str, calls: tuple[ToolCall, ...]) -> Run:
    """The run as it stands once a step was recorded: the model that planned it is not away."""
    return replace(
        run, steps=(*run.steps, Step(number=len(run.steps) + 1, text=text, calls=calls)), model_away_since=None
    )


_INSERT_STEP = "INSERT INTO steps (run_id, number, text) VALUES (?, ?, ?)"
_MODEL_IS_BACK = "UPDATE runs SET model_away_since = NULL WHERE id = ?"


def _propose(tx: Transaction, lease: Lease, at: datetime, *, step: int, position: int, call: ProposedCall) -> ToolCall:
    """The call as it was recorded."""
    ruling, denial = call.ruling, call.ruling.denial
    call_id = tx.insert(
        _INSERT_CALL,
        (
            lease.run_id, step, position, call.tool, call.version, to_json(call.arguments), bytes.fromhex(call.digest),
            call.effect.value, call.risk.value, call.reason, call.why_asked,
        ),
    )  # fmt: skip
    tx.execute(
        _INSERT_STATE,
        (
            call_id,
            ruling.state.value,
            denial.by.value if denial else None,
            denial.reason if denial else "",
            denial.who if denial else "",
        ),
    )
    asked = ruling.state is CallState.AWAITING_APPROVAL
    if asked:
        ask(
            tx, at, run_id=lease.run_id, call_id=call_id, kind=ApprovalKind.PERMISSION, requirement=ruling.requirement,
            expires_at=ruling.expires_at, preview=call.preview, target=call.target,
        )  # fmt: skip
    if ruling.grant is not None:
        tx.execute(_USE_GRANT, (ruling.grant,))
    return ToolCall(
        id=CallId(call_id),
        number=position,
        tool=call.tool,
        version=call.version,
        arguments=call.arguments,
        digest=call.digest,
        effect=call.effect,
        risk=call.risk,
        reason=call.reason,
        why_asked=call.why_asked,
        preview=call.preview if asked else "",
        target=call.target if asked else "",
        state=ruling.state,
        denial=denial,
    )


_INSERT_CALL = """
INSERT INTO tool_calls (run_id, step, number, tool, version, arguments, digest, effect, risk, reason, why_asked)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_STATE = "INSERT INTO call_states (call_id, state, denied_by, denial, denier) VALUES (?, ?, ?, ?, ?)"
_USE_GRANT = "UPDATE grants SET uses = uses + 1 WHERE id = ?"
