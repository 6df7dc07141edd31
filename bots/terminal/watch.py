"""What the terminal asks of the record beside the door: what was left open, when to stop waiting, how a run ended."""

from typing import Protocol

from runtime.records import ConversationRef, Run
from runtime.states import ApprovalStatus


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

    def find_status(self, number: int) -> ApprovalStatus | None:
        """How an approval stands now; None where there is none, or where it cannot be read now."""
        ...

    async def wait_until_quiet(self, where: ConversationRef) -> None:
        """Return once no run of the conversation is queued or running, and nothing is owed to it."""
        ...
