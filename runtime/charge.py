"""What a worker has in its hands."""

from dataclasses import dataclass

from runtime.proposals import Turn
from runtime.records import CallId, Lease, Run
from runtime.stopping import StopButton


@dataclass(slots=True, kw_only=True)
class Charge:
    """A leased run in a worker's hands. `stop` is pressed once a person asked to stop it.

    `begun` is the call that is marked as started for this worker, and that it has not begun to run yet: any other started
    call is what a worker that is gone left behind. `turns` are the earlier ones of the conversation, once they were looked up. `let_go` is set once the lease was given back on purpose (the run ended, waits, or was released): from then on
    nobody misses it, and what is still shown of the run is shown to its end.
    """

    lease: Lease
    run: Run
    stop: StopButton
    begun: CallId | None = None
    turns: tuple[Turn, ...] | None = None
    let_go: bool = False
