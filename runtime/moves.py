"""What a run needs next: a closed union, and the pure function that chooses."""

from typing import TypeAlias, assert_never

from msgspec import Struct

from runtime.records import DeniedBy, Run, Step, ToolCall
from runtime.states import CallState, RunStatus


class Plan(Struct, frozen=True):
    """Ask the action model for the next directive."""


class Execute(Struct, frozen=True):
    call: ToolCall


class Recover(Struct, frozen=True):
    """A call was started by somebody who is gone: find out whether it may run again."""

    call: ToolCall


class Observe(Struct, frozen=True):
    """Tell the planner what a person or the policy said instead of a result."""

    call: ToolCall


class Suspend(Struct, frozen=True):
    call: ToolCall


class Answer(Struct, frozen=True):
    """Let the thinker answer; `limited` says that the step limit ended the work."""

    limited: bool = False


class Cancel(Struct, frozen=True):
    """A person stopped the run."""


class End(Struct, frozen=True):
    """Nothing is left to do here."""


Move: TypeAlias = Plan | Execute | Recover | Observe | Suspend | Answer | Cancel | End


def next_move(run: Run, *, max_steps: int) -> Move:
    """Read the record and say what comes next. Pure: no clock, no I/O, no platform."""
    if run.status is not RunStatus.RUNNING:
        return End()
    if run.cancel_requested:
        return Cancel()
    if not run.steps:
        return Plan()
    step = run.steps[-1]
    return move_of(step) or _of_observed_step(step, limited=len(run.steps) >= max_steps)


def call_to_decide(run: Run) -> ToolCall | None:
    """The first unobserved call where it is a person's to decide, whatever the run's status is."""
    move = move_of(run.steps[-1]) if run.steps else None
    return move.call if isinstance(move, Suspend) else None


def waits_for_person(run: Run) -> bool:
    return call_to_decide(run) is not None


def is_worked_on(run: Run) -> bool:
    """Whether a worker has the run in its hands, or only put it back for as long as the model is away."""
    waits_for_model = run.status is RunStatus.QUEUED and run.model_away_since is not None
    return run.status is RunStatus.RUNNING or waits_for_model


def move_of(step: Step) -> Move | None:
    """What the first call without an observation needs: calls run strictly in the order asked. None: all are observed."""
    call = next((call for call in step.calls if call.state is not CallState.OBSERVED), None)
    if call is None:
        return None
    match call.state:
        case CallState.READY:
            return Execute(call)
        case CallState.STARTED:
            return Recover(call)
        case CallState.DENIED | CallState.CHANGES_REQUESTED:
            return Observe(call)
        case CallState.AWAITING_APPROVAL | CallState.OUTCOME_UNKNOWN:
            return Suspend(call)
        case CallState.PROPOSED | CallState.OBSERVED:
            raise AssertionError(f"call {call.id} was recorded as {call.state}")
        case _:
            assert_never(call.state)


def _of_observed_step(step: Step, *, limited: bool) -> Move:
    if any(call.denial and call.denial.by is DeniedBy.PERSON for call in step.calls):
        return Answer()  # after a "no" the agent explains; it does not look for another way
    if not step.calls:
        return Answer()
    return Answer(limited=True) if limited else Plan()
