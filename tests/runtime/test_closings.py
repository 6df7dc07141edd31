"""How a card ended that was withdrawn: with the run that somebody stopped, or because the run did without it."""

from typing import Any

import pytest

from runtime.closings import closing_in
from runtime.states import ApprovalStatus, CallState, RunStatus
from tests.runtime.papers import a_call, a_decision, a_run, a_step, an_approval

STOPPED: dict[str, Any] = {"status": RunStatus.CANCELLED, "cancelled_by": "slack:T1/UALICE"}


@pytest.mark.parametrize(
    ("state", "of_run", "words"),
    [
        (CallState.AWAITING_APPROVAL, STOPPED, "Withdrawn: slack:T1/UALICE stopped run 7."),
        (CallState.OUTCOME_UNKNOWN, STOPPED, "Withdrawn: slack:T1/UALICE stopped run 7."),
        (CallState.OBSERVED, STOPPED, "Withdrawn: it is no longer needed."),  # before that, by a change to another call
        (CallState.AWAITING_APPROVAL, {"status": RunStatus.FAILED}, "Withdrawn: it is no longer needed."),
    ],
)
def test_a_withdrawn_card_says_who_stopped_its_run(state: CallState, of_run: dict[str, Any], words: str) -> None:
    run = a_run(a_step(a_call(state=state)), **of_run)
    assert closing_in(an_approval(ApprovalStatus.WITHDRAWN), run) == words


def test_what_was_decided_before_the_run_was_stopped_stays_decided() -> None:
    run = a_run(a_step(a_call(state=CallState.AWAITING_APPROVAL)), **STOPPED)
    assert closing_in(an_approval(ApprovalStatus.APPROVED, decision=a_decision()), run).startswith("Approved by")
