"""What a worker has in its hands."""

from msgspec import Struct

from runtime.memory.recall import Recalled
from runtime.proposals import Claimed, Returned, Turn
from runtime.records import CallId, DeliveryId, Lease, Run
from runtime.states import CallState
from runtime.stopping import StopButton


class Charge(Struct, kw_only=True):
    """A leased run in a worker's hands. `stop` is pressed once a person asked to stop it.

    `may_have_run` are the calls that may have taken effect though nothing is recorded of it: what a worker that is gone
    had started, and what this one began. A started call that is not among them was marked for this worker, and has not
    begun. `returned` is what the last call came back with: it goes with the run when that is given back, for a commit
    that failed may have taken it from the record. `turns` are the earlier ones of the conversation, and `recalled` is
    what the run is reminded of, once that was looked up. `streaming` is the answer that this worker has begun to show.
    `let_go` is set once the lease was given back on purpose (the run ended, waits, or was released): from then on nobody
    misses it, and what is still shown of the run is shown to its end.
    """

    lease: Lease
    run: Run
    stop: StopButton
    may_have_run: set[CallId]
    returned: Returned | None = None
    turns: tuple[Turn, ...] | None = None
    recalled: Recalled | None = None
    streaming: DeliveryId | None = None
    let_go: bool = False


def charge_with(claimed: Claimed) -> Charge:
    """A run that was just claimed, as the worker takes it up."""
    run = claimed.run
    started = {call.id for step in run.steps[-1:] for call in step.calls if call.state is CallState.STARTED}
    return Charge(lease=claimed.lease, run=run, stop=StopButton(), may_have_run=started - {claimed.begun})
