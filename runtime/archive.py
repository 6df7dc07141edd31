"""What the runtime looks up in the record; `storage` serves it.

What is read is committed. Plain functions are cheap enough to be called in line; scans are awaited.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from runtime.ports import Seen
from runtime.proposals import (
    Conversation,
    PastRun,
    PendingLine,
    RunLine,
    RunQuery,
    Turn,
)
from runtime.records import (
    Approval,
    ApprovalId,
    CallId,
    ConversationRef,
    Event,
    Grant,
    GrantId,
    IncomingMessage,
    Run,
    RunId,
    UserRef,
)


class Archive(Protocol):
    """Looking things up."""

    @property
    def installation(self) -> str:
        """The installation's id: part of every token that leaves the house."""
        ...

    def load_run(self, run_id: RunId) -> Run: ...
    def find_run(self, run_id: RunId) -> Run | None: ...
    def find_approval(self, approval_id: ApprovalId) -> Approval | None: ...
    def find_approval_of(self, call_id: CallId) -> Approval | None:
        """The newest approval that was asked for a call."""
        ...

    def list_pending(
        self, *, conversation_id: int | None = None, run_id: RunId | None = None
    ) -> tuple[ApprovalId, ...]:
        """The oldest approvals that wait, at most 64."""
        ...

    async def scan_pending(self, *, conversation_id: int | None = None) -> tuple[PendingLine, ...]:
        """Every approval that waits, oldest first."""
        ...

    def list_runs(self, query: RunQuery) -> tuple[RunLine, ...]: ...
    async def scan_own(
        self, accounts: frozenset[UserRef], *, conversation_id: int | None, before: RunId, limit: int
    ) -> tuple[PastRun, ...]:
        """Runs that one of these accounts asked for, newest first, of one conversation or of all; none of which anything
        was forgotten."""
        ...

    def list_open_runs(self, where: ConversationRef, *, whole_channel: bool) -> tuple[RunId, ...]: ...
    def list_stopping(self) -> frozenset[RunId]:
        """The running runs that a person asked to stop."""
        ...

    def was_received(self, message: IncomingMessage) -> bool: ...
    def find_conversation(self, where: ConversationRef) -> Conversation | None: ...
    def load_turns(self, conversation_id: int, before: RunId, *, limit: int) -> tuple[Turn, ...]: ...
    def load_events(self, run_id: RunId, *, after: int = 0, limit: int = 64) -> tuple[Event, ...]: ...
    def find_grants(
        self,
        *,
        tool: str,
        digest: str,
        subjects: tuple[tuple[str, str], ...],
        at: datetime,
        held: GrantId | None = None,
    ) -> tuple[Grant, ...]:
        """The standing approvals that may cover a call, those of exactly this call first. Without those that are used up,
        but the one that the call `held` a use of."""
        ...

    def next_expiry(self) -> datetime | None: ...
    def next_due(self, platforms: frozenset[str]) -> datetime | None: ...
    def list_seen(self, platform: str) -> tuple[Seen, ...]: ...
    async def list_grants(self) -> tuple[Grant, ...]: ...
    def scan_events(self, *, since: datetime | None) -> AsyncIterator[Event]: ...
