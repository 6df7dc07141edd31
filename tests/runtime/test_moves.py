"""`next_move`: total over everything that a record can say, strictly in order, and never past a person's no."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.moves import (
    Answer,
    Cancel,
    End,
    Execute,
    Move,
    Observe,
    Plan,
    Recover,
    Suspend,
    next_move,
    waits_for_person,
)
from runtime.records import Denial, Run, Step, ToolCall
from runtime.states import CallState, RunStatus
from tests.runtime.papers import BY_PERSON, BY_POLICY, a_call, a_run, a_step

READY, STARTED, OBSERVED = CallState.READY, CallState.STARTED, CallState.OBSERVED
DENIED, AWAITING, UNKNOWN = CallState.DENIED, CallState.AWAITING_APPROVAL, CallState.OUTCOME_UNKNOWN
CHANGES = CallState.CHANGES_REQUESTED
REACHABLE = tuple(state for state in CallState if state is not CallState.PROPOSED)
STEPS = 12


def move_of(run: Run) -> Move:
    return next_move(run, max_steps=STEPS)


@pytest.mark.parametrize("status", [status for status in RunStatus if status is not RunStatus.RUNNING])
def test_a_run_that_does_not_run_has_nothing_left_to_do_here(status: RunStatus) -> None:
    assert move_of(a_run(a_step(a_call()), status=status, cancel_requested=True)) == End()


def test_a_new_run_is_planned() -> None:
    assert move_of(a_run()) == Plan()


@pytest.mark.promise(29)
@pytest.mark.parametrize("state", REACHABLE)
def test_a_run_that_was_stopped_is_cancelled_wherever_it_stands(state: CallState) -> None:
    assert move_of(a_run(a_step(a_call(state=state)), cancel_requested=True)) == Cancel()
    assert move_of(a_run(cancel_requested=True)) == Cancel()


@pytest.mark.parametrize(
    ("state", "denial", "kind"),
    [
        (READY, None, Execute),
        (STARTED, None, Recover),
        (DENIED, BY_PERSON, Observe),
        (DENIED, BY_POLICY, Observe),
        (CHANGES, None, Observe),
        (AWAITING, None, Suspend),
        (UNKNOWN, None, Suspend),
    ],
)
def test_the_first_call_that_is_not_observed_decides(
    state: CallState, denial: Denial | None, kind: Callable[[ToolCall], Move]
) -> None:
    open_call = a_call(2, state, denial=denial)
    for behind in REACHABLE:
        run = a_run(a_step(a_call(1, OBSERVED), open_call, a_call(3, behind)))
        assert move_of(run) == kind(open_call)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (a_step(), Answer()),
        (a_step(a_call(1, OBSERVED)), Plan()),
        (a_step(a_call(1, OBSERVED, denial=BY_POLICY)), Plan()),
        (a_step(a_call(1, OBSERVED, denial=BY_PERSON)), Answer()),
        (a_step(a_call(1, OBSERVED, denial=BY_PERSON), a_call(2, OBSERVED)), Answer()),
        (a_step(a_call(1, OBSERVED), a_call(2, OBSERVED, denial=BY_PERSON)), Answer()),
    ],
    ids=["no-calls", "observed", "by-policy", "by-person", "by-person-first", "by-person-last"],
)
def test_an_observed_step_is_planned_on_or_answered(step: Step, expected: Move) -> None:
    assert move_of(a_run(step)) == expected


def test_the_step_limit_ends_the_work_with_an_answer() -> None:
    steps = [a_step(a_call(1, OBSERVED), number=number) for number in range(1, STEPS + 1)]
    assert move_of(a_run(*steps[:-1])) == Plan()
    assert move_of(a_run(*steps)) == Answer(limited=True)
    assert move_of(a_run(*steps[:-1], a_step(number=STEPS))) == Answer()


def test_a_call_that_was_recorded_as_proposed_is_a_fault_and_not_a_guess() -> None:
    with pytest.raises(AssertionError, match="recorded as proposed"):
        move_of(a_run(a_step(a_call(state=CallState.PROPOSED))))


# over everything that can be on record


@st.composite
def calls(draw: st.DrawFn) -> tuple[ToolCall, ...]:
    made = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        state = draw(st.sampled_from(REACHABLE))
        denial = None
        if state is DENIED:
            denial = draw(st.sampled_from([BY_PERSON, BY_POLICY]))
        elif state is OBSERVED:
            denial = draw(st.sampled_from([None, BY_PERSON, BY_POLICY]))
        made.append(a_call(number, state, denial=denial))
    return tuple(made)


@st.composite
def runs(draw: st.DrawFn, *, moving: bool = False, containing: ToolCall | None = None) -> Run:
    """`moving`: it runs, and nobody stopped it. `containing`: a call that its last step has somewhere."""
    before = [a_step(a_call(1, OBSERVED), number=number) for number in range(1, draw(st.integers(0, STEPS)) + 1)]
    made = draw(calls())
    if containing is not None:
        place = draw(st.integers(0, len(made)))
        made = (*made[:place], containing, *made[place:])
    last = [a_step(*made, number=len(before) + 1)] if containing is not None or draw(st.booleans()) else []
    if moving:
        return a_run(*before, *last)
    status = draw(st.sampled_from(list(RunStatus)))
    return a_run(*before, *last, status=status, cancel_requested=draw(st.booleans()))


@given(run=runs())
def test_there_is_a_move_for_everything_that_can_be_on_record(run: Run) -> None:
    assert isinstance(move_of(run), Plan | Execute | Recover | Observe | Suspend | Answer | Cancel | End)


@pytest.mark.promise(4)
@given(run=runs(moving=True))
def test_a_call_is_touched_only_when_all_before_it_are_observed(run: Run) -> None:
    match move_of(run):
        case Execute(call) | Recover(call) | Observe(call) | Suspend(call):
            step = run.steps[-1]
            before = step.calls[: step.calls.index(call)]
            assert all(each.state is OBSERVED for each in before)
            assert call.state is not OBSERVED
        case _:
            pass


@given(data=st.data(), state=st.sampled_from([state for state in REACHABLE if state is not OBSERVED]))
def test_nothing_is_planned_or_answered_while_a_call_is_open(data: st.DataObject, state: CallState) -> None:
    run = data.draw(runs(moving=True, containing=a_call(9, state, denial=BY_POLICY if state is DENIED else None)))
    assert not isinstance(move_of(run), Plan | Answer)


@pytest.mark.promise(21)
@given(data=st.data(), state=st.sampled_from([DENIED, OBSERVED]))
def test_after_a_persons_no_the_agent_answers_and_plans_no_more(data: st.DataObject, state: CallState) -> None:
    run = data.draw(runs(moving=True, containing=a_call(9, state, denial=BY_PERSON)))
    assert not isinstance(move_of(run), Plan)
    if all(call.state is OBSERVED for call in run.steps[-1].calls):
        assert isinstance(move_of(run), Answer)


@given(run=runs(moving=True))
def test_whoever_suspends_a_run_and_whoever_wakes_it_agree(run: Run) -> None:
    """The click asks `waits_for_person` of a waiting run, the worker asks `next_move` of a running one."""
    assert waits_for_person(run) == isinstance(move_of(run), Suspend)
