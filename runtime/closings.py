"""How a card ended, where its run has a say in it."""

from runtime.cards import closing_of
from runtime.records import Approval, Run
from runtime.states import ApprovalStatus, CallState, RunStatus


def closing_in(approval: Approval, run: Run) -> str:
    """How an approval ended; "" while it is pending. One that went with its run says who stopped that."""
    call = run.find_call(approval.call_id)
    went_with_run = (
        approval.status is ApprovalStatus.WITHDRAWN
        and run.status is RunStatus.CANCELLED
        and call is not None
        and call.state is not CallState.OBSERVED  # what a run does without is observed as "not run" at once
    )
    if went_with_run and run.cancelled_by:
        return f"Withdrawn: {run.cancelled_by} stopped run {run.id}."
    return closing_of(approval)
