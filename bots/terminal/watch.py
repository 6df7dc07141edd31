"""What the terminal asks of the record beside the door: what was left open, when to stop waiting, how a run ended."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from runtime.records import ApprovalId, ConversationRef, Run, RunId
from runtime.states import ApprovalStatus


class Owed(Struct, frozen=True):
    """A delivery: of which run, None where it is of none, and since when it is owed."""

    run_id: RunId | None
    since: datetime


class Away(Struct, frozen=True):
    """A run that was put back into the queue because its model is away: what the model did or did not do, and when it is
    asked again, None for at once."""

    run_id: RunId
    why: str
    again: datetime | None


class Watch(Protocol):
    async def list_pending(self) -> tuple[str, ...]:
        """The tokens that show the cards which wait for a decision, oldest first."""
        ...

    def find_run(self, where: ConversationRef, message_id: str) -> Run | None:
        """The run that a message became; None where it was a command or was refused."""
        ...

    def find_asking(self, number: int) -> Run | None:
        """The run that this approval stands in, as the run is now; None where there is no such approval."""
        ...

    def find_decided(self, number: int, since: datetime) -> Run | None:
        """The same, where the approval was decided since then, or was asked again."""
        ...

    def list_asked(self, run_id: RunId) -> tuple[ApprovalId, ...]:
        """The approvals that a run waits for."""
        ...

    def is_worked(self, where: ConversationRef) -> bool:
        """Whether a run of the conversation is queued or running."""
        ...

    def list_owed(self, where: ConversationRef) -> tuple[Owed, ...]:
        """What is owed to a conversation."""
        ...

    def find_owed(self, key: str) -> Owed | None:
        """The delivery that a message with this key is of."""
        ...

    def list_away(self, where: ConversationRef, since: datetime) -> tuple[Away, ...]:
        """The runs of the conversation that were put back since then because their model is away, or still are; none where
        they cannot be read now."""
        ...

    def find_status(self, number: int) -> ApprovalStatus | None:
        """How an approval stands now; None where there is none, or where it cannot be read now."""
        ...

    async def wait_until_quiet(self, where: ConversationRef) -> None:
        """Return once no run of the conversation is queued or running, and nothing is owed to it."""
        ...

    async def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Return once the record is such. It is asked whenever a run or a delivery changed."""
        ...
