"""What a worker has in its hands."""

from dataclasses import dataclass

from runtime.records import Lease, Run
from runtime.stopping import StopButton


@dataclass(slots=True, kw_only=True)
class Charge:
    """A leased run in a worker's hands. `stop` is pressed once a person asked to stop it.

    `let_go` is set once the lease was given back on purpose (the run ended, waits, or was released): from then on
    nobody misses it, and what is still shown of the run is shown to its end.
    """

    lease: Lease
    run: Run
    stop: StopButton
    let_go: bool = False
