"""The reading half of the record: what is committed, in line; scans off the loop."""

from collections.abc import AsyncIterator
from datetime import datetime

from runtime.errors import NotFound
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
from storage import (
    deliveries,
    events,
    expiry,
    grants,
    intake,
    loading,
    reading,
)
from storage.acquainted import Acquainted


class Archive(Acquainted):
    """Implements `runtime.record_ports.Archive`."""

    @property
    def installation(self) -> str:
        return self.database.installation

    def load_run(self, run_id: RunId) -> Run:
        return loading.load_run(self.database.reader, run_id)

    def find_run(self, run_id: RunId) -> Run | None:
        try:
            return self.load_run(run_id)
        except NotFound:
            return None

    def find_approval(self, approval_id: ApprovalId) -> Approval | None:
        return loading.find_approval(self.database.reader, approval_id)

    def find_approval_of(self, call_id: CallId) -> Approval | None:
        return loading.find_approval_of(self.database.reader, call_id)

    def list_pending(
        self, *, conversation_id: int | None = None, run_id: RunId | None = None
    ) -> tuple[ApprovalId, ...]:
        return reading.list_pending(self.database.reader, conversation_id=conversation_id, run_id=run_id)

    async def scan_pending(self, *, conversation_id: int | None = None) -> tuple[PendingLine, ...]:
        return reading.read_pending(await self.database.scan(reading.PENDING, {"conversation": conversation_id}))

    def list_runs(self, query: RunQuery) -> tuple[RunLine, ...]:
        return reading.list_runs(self.database.reader, query)

    async def scan_own(
        self, accounts: frozenset[UserRef], *, conversation_id: int | None, before: RunId, limit: int
    ) -> tuple[PastRun, ...]:
        parameters = reading.own_parameters(accounts, conversation_id=conversation_id, before=before, limit=limit)
        return reading.read_own(await self.database.scan(reading.OWN, parameters))

    def list_open_runs(self, where: ConversationRef, *, whole_channel: bool) -> tuple[RunId, ...]:
        return reading.list_open_runs(self.database.reader, where, whole_channel=whole_channel)

    def list_stopping(self) -> frozenset[RunId]:
        return reading.list_stopping(self.database.reader)

    def was_received(self, message: IncomingMessage) -> bool:
        return intake.was_received(self.database.reader, message)

    def find_conversation(self, where: ConversationRef) -> Conversation | None:
        return reading.find_conversation(self.database.reader, where)

    def load_turns(self, conversation_id: int, before: RunId, *, limit: int) -> tuple[Turn, ...]:
        return reading.load_turns(self.database.reader, conversation_id, before, limit=limit)

    def load_events(self, run_id: RunId, *, after: int = 0, limit: int = 64) -> tuple[Event, ...]:
        return events.load_events(self.database.reader, run_id, after=after, limit=limit)

    def find_grants(
        self,
        *,
        tool: str,
        digest: str,
        subjects: tuple[tuple[str, str], ...],
        at: datetime,
        held: GrantId | None = None,
    ) -> tuple[Grant, ...]:
        reader = self.database.reader
        return grants.find_grants(reader, tool=tool, digest=digest, subjects=subjects, at=at, held=held)

    def next_expiry(self) -> datetime | None:
        due = expiry.next_expiry(self.database.reader), self.who_is_who.next_lapse()
        return min((each for each in due if each is not None), default=None)

    def next_due(self, platforms: frozenset[str]) -> datetime | None:
        return deliveries.next_due(self.database.reader, platforms)

    def list_seen(self, platform: str) -> tuple[Seen, ...]:
        return reading.list_seen(self.database.reader, platform)

    async def list_grants(self) -> tuple[Grant, ...]:
        return grants.read_grants(await self.database.scan(grants.LIST))

    async def scan_events(self, *, since: datetime | None) -> AsyncIterator[Event]:
        for row in await self.database.scan(events.ALL, events.scan_parameters(since)):
            yield events.read_event(row)
