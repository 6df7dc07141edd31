"""Calls that a run leaves behind in the middle: nobody will ever record what became of them."""

from runtime.records import Effect
from runtime.states import CALL, CallState
from storage.guards import guard, move
from storage.loading import load_run
from storage.writer import Transaction


def lose_started(tx: Transaction, run_id: int) -> str:
    """From now on the outcome of external calls that were started is unknown. Words that name them, "" where none was."""
    calls = [call for step in load_run(tx, run_id).steps for call in step.calls]
    lost = [call for call in calls if call.state is CallState.STARTED and call.effect is Effect.EXTERNAL]
    if not lost:
        return ""
    for call in lost:
        tx.execute(_LOSE, (call.id,))
    names = ", ".join(call.tool for call in lost)
    return f" The call {names} had been started, and I do not know whether it took effect: please check."


_LOSE = f"UPDATE call_states SET {move(CALL, 'lost', 'state')} WHERE call_id = ? AND {guard(CALL, 'lost', 'state')}"
