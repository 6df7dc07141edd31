"""Calls that a run leaves behind in the middle: nobody will ever record what became of them."""

from datetime import datetime

from runtime.facts import EventType, Fact
from runtime.records import CallId, Effect
from runtime.states import CALL, CallState
from storage.encoding import to_json
from storage.events import append_events
from storage.guards import guard, move
from storage.loading import load_run
from storage.transaction import Transaction


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


def put_back_started(tx: Transaction, run_id: int, at: datetime, *, but: frozenset[CallId]) -> None:
    """What was marked as started, and never begun by the worker that it was marked for, is ready again.

    Only who holds the lease knows which those are: all started calls of the run `but` the ones that may have run.
    """
    for call_id, tool in tx.execute(_STARTED, (run_id, to_json(sorted(but)))).fetchall():
        tx.execute(_PUT_BACK, (call_id,))
        body = {"call": call_id, "tool": tool, "ok": False, "error": "not_begun"}
        append_events(tx, run_id, at, [Fact(EventType.TOOL_CALL_FINISHED, body)])


_STARTED = """
SELECT t.id, t.tool FROM tool_calls AS t JOIN call_states AS s ON s.call_id = t.id
WHERE t.run_id = ? AND s.state = 'started' AND t.id NOT IN (SELECT value FROM json_each(?))
"""
_PUT_BACK = (
    f"UPDATE call_states SET {move(CALL, 'put_back', 'state')} WHERE call_id = ? AND {guard(CALL, 'put_back', 'state')}"
)
