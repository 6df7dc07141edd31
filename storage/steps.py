"""Recording steps: a directive of the planner, the calls in it as the policy ruled, and the beginning of the first."""

from datetime import datetime

from msgspec.structs import replace

from runtime.facts import Fact
from runtime.memory.records import MemoryId
from runtime.moves import Execute, Suspend, move_of
from runtime.proposals import ProposedCall, Ruling
from runtime.records import CallId, Lease, Run, Step, ToolCall
from runtime.states import CallState
from storage.asking import ask
from storage.encoding import to_json
from storage.events import append_events
from storage.grants import take_use
from storage.leases import check_lease
from storage.loading import load_run
from storage.progress import begin, suspend
from storage.reliances import record_reliances
from storage.transaction import Transaction


def record_step(
    tx: Transaction, lease: Lease, run: Run, at: datetime, *, text: str, calls: tuple[ProposedCall, ...],
    facts: tuple[Fact, ...], relied: tuple[MemoryId, ...] = (),
) -> Run:  # fmt: skip
    """Record a directive: the calls with what the policy ruled, their approvals and cards, all at once; and begin with it.
    Raises MemoryGone: then nothing is recorded."""
    is_to_stop = record_plain_step(tx, lease, run, at, text=text, facts=facts, relied=relied)
    number = len(run.steps) + 1
    recorded = [_propose(tx, lease, at, step=number, position=n, call=call) for n, call in enumerate(calls, start=1)]
    if is_to_stop:
        return load_run(tx, lease.run_id)
    step = Step(number=number, text=text, calls=tuple(recorded))
    match move_of(step):
        case Execute(call) if not call.target:
            step = step.with_call(begin(tx, run.id, call, at))
        case Suspend():
            return suspend(tx, lease, at)
        case _:
            pass  # it is denied, or looked at first: both are the worker's to do
    return with_step(run, step)


def record_plain_step(
    tx: Transaction, lease: Lease, run: Run, at: datetime, *, text: str, facts: tuple[Fact, ...],
    relied: tuple[MemoryId, ...] = (),
) -> bool:  # fmt: skip
    """Record a directive without calls. Returns whether a person asked to stop the run. Raises MemoryGone."""
    is_to_stop = check_lease(tx, lease)
    record_reliances(tx, run.id, relied, at)
    tx.execute(_INSERT_STEP, (lease.run_id, len(run.steps) + 1, text))
    append_events(tx, lease.run_id, at, facts)
    if run.model_away_since is not None:
        tx.execute(_MODEL_IS_BACK, (lease.run_id,))
    return is_to_stop


def with_step(run: Run, step: Step) -> Run:
    """The run as it stands once a step was recorded: the model that planned it is not away."""
    return replace(run, steps=(*run.steps, step), model_away_since=None)


_INSERT_STEP = "INSERT INTO steps (run_id, number, text) VALUES (?, ?, ?)"
_MODEL_IS_BACK = "UPDATE runs SET model_away_since = NULL WHERE id = ?"


def _propose(tx: Transaction, lease: Lease, at: datetime, *, step: int, position: int, call: ProposedCall) -> ToolCall:
    """The call as it was recorded."""
    ruling = _ruling_of(tx, call, at)
    denial = ruling.denial
    call_id = tx.insert(
        _INSERT_CALL,
        (
            lease.run_id, step, position, call.tool, call.version, to_json(call.arguments), bytes.fromhex(call.digest),
            call.effect.value, call.risk.value, call.reason, call.why_asked, int(call.reads_untrusted), int(call.sends_out),
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
            ruling.grant,
            int(call.each_time),
        ),
    )
    asked = ruling.state is CallState.AWAITING_APPROVAL
    if asked:
        ask(
            tx, at, run_id=lease.run_id, call_id=call_id, kind=ruling.kind, requirement=ruling.requirement,
            expires_at=ruling.expires_at, preview=call.preview, target=call.target,
        )  # fmt: skip
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
        reads_untrusted=call.reads_untrusted,
        sends_out=call.sends_out,
        each_time=call.each_time,
        grant=ruling.grant,
        state=ruling.state,
        denial=denial,
    )


_INSERT_CALL = """
INSERT INTO tool_calls (run_id, step, number, tool, version, arguments, digest, effect, risk, reason, why_asked,
                        reads_untrusted, sends_out)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_STATE = """
INSERT INTO call_states (call_id, state, denied_by, denial, denier, grant_id, each_time) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def _ruling_of(tx: Transaction, call: ProposedCall, at: datetime) -> Ruling:
    """What the policy says of a call, where the grant that it counts on has a use left: that is looked at here and now."""
    ruling = call.ruling
    if ruling.grant is None or take_use(tx, ruling.grant, at):
        return ruling
    assert ruling.otherwise is not None  # noqa: S101  the policy rules by a grant only where it would ask otherwise
    return ruling.otherwise
