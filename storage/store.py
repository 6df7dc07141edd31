"""The record, served from SQLite: hands each request to the unit of work that its noun's module has."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from runtime.errors import NotFound
from runtime.facts import Fact
from runtime.ports import Clock, Seen
from runtime.proposals import (
    Claimed,
    Conversation,
    Ending,
    Intake,
    OpenedAnswer,
    ProposedCall,
    Received,
    Reply,
    RunLine,
    RunQuery,
    Settled,
    Turn,
)
from runtime.records import (
    Approval,
    ApprovalId,
    Attachment,
    CallId,
    ConversationRef,
    Decision,
    Delivery,
    DeliveryId,
    Event,
    Grant,
    GrantId,
    IncomingMessage,
    JsonObject,
    Lease,
    MessageRef,
    Observation,
    Requirement,
    Run,
    RunId,
    ToolCall,
    UserRef,
)
from runtime.signals import Signals
from runtime.states import RunStatus
from storage import (
    deliveries,
    endings,
    events,
    expiry,
    grants,
    intake,
    leases,
    liveness,
    loading,
    outbox,
    progress,
    reading,
    settling,
)
from storage.database import Database
from storage.writer import Transaction

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5


class Store:
    """Implements `runtime.record_ports.Record`. Use as `async with Store(path, signals, clock) as store`.

    It stands for one worker process: runs and deliveries that it claims are freed when the process is gone.
    """

    def __init__(
        self,
        path: Path,
        signals: Signals,
        clock: Clock,
        *,
        synchronous: str = "FULL",
        lease: timedelta = LEASE,
        max_attempts: int = MAX_ATTEMPTS,
        writing_with: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> None:
        self.database = Database(path, signals, synchronous=synchronous, writing_with=writing_with)
        self._clock = clock
        self._lease = lease
        self._max_attempts = max_attempts
        self._locks = path.with_name(path.name + "-workers")

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        try:
            self.worker_id = await self.database.write(lambda tx: liveness.register(tx, self._clock.now()))
            self._lock = liveness.WorkerLock(self._locks, self.worker_id)
        except BaseException:
            await self.database.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.database.__aexit__(kind, error, trace)
        self._lock.close()

    # Archive

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

    def list_runs(self, query: RunQuery) -> tuple[RunLine, ...]:
        return reading.list_runs(self.database.reader, query)

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

    def find_grant(self, digest: str, subjects: tuple[tuple[str, str], ...], at: datetime) -> Grant | None:
        return grants.find_grant(self.database.reader, digest, subjects, at)

    def next_expiry(self) -> datetime | None:
        return expiry.next_expiry(self.database.reader)

    def next_due(self, platforms: frozenset[str]) -> datetime | None:
        return deliveries.next_due(self.database.reader, platforms)

    def list_seen(self, platform: str) -> tuple[Seen, ...]:
        return reading.list_seen(self.database.reader, platform)

    async def list_grants(self) -> tuple[Grant, ...]:
        return grants.read_grants(await self.database.scan(grants.LIST))

    async def scan_events(self, *, since: datetime | None) -> AsyncIterator[Event]:
        for row in await self.database.scan(events.ALL, events.scan_parameters(since)):
            yield events.read_event(row)

    # Inbox

    async def receive(self, intake_: Intake, at: datetime, *, claim: bool) -> Received:
        lease_for = self._lease if claim else None
        return await self.database.write(
            lambda tx: intake.receive(tx, intake_, at, worker_id=self.worker_id, lease_for=lease_for)
        )

    async def receive_command(
        self, message: IncomingMessage, reply: Reply | None, at: datetime, *, moves_bound: bool = True
    ) -> bool:
        return await self.database.write(
            lambda tx: intake.receive_command(tx, message, reply, at, moves_bound=moves_bound)
        )

    async def settle(self, approval_id: ApprovalId, decision: Decision, *, grant: Grant | None, claim: bool) -> Settled:
        lease_for = self._lease if claim else None
        return await self.database.write(
            lambda tx: settling.settle(
                tx, approval_id, decision, grant=grant, worker_id=self.worker_id, lease_for=lease_for
            )
        )

    async def record_refusal(self, run_id: RunId, fact: Fact, at: datetime) -> None:
        await self.database.write(lambda tx: events.append_outside(tx, run_id, at, (fact,)))

    async def ask_again(self, run_id: RunId, at: datetime, *, by: UserRef, expires_at: datetime | None) -> bool:
        return await self.database.write(lambda tx: expiry.ask_again(tx, run_id, at, by=str(by), expires_at=expires_at))

    async def cancel(self, run_id: RunId, at: datetime, *, by: UserRef) -> RunStatus:
        return await self.database.write(lambda tx: endings.cancel(tx, run_id, at, by=str(by)))

    async def set_options(self, where: ConversationRef, *, direct: bool, options: JsonObject) -> None:
        await self.database.write(
            lambda tx: reading.set_options(tx, outbox.place_conversation(tx, where, direct=direct), options)
        )

    async def revoke_grant(self, grant_id: GrantId, at: datetime, *, by: UserRef) -> bool:
        return await self.database.write(lambda tx: grants.revoke(tx, grant_id, at, by=str(by)))

    async def expire_due(self, at: datetime) -> int:
        return await self.database.write(lambda tx: expiry.expire_due(tx, at))

    # Progress

    async def claim(self, at: datetime, *, platforms: frozenset[str], limit: int) -> list[Claimed]:
        if not leases.has_candidates(self.database.reader, at, platforms):
            return []
        return await self.database.write(
            lambda tx: leases.claim(
                tx, at, worker_id=self.worker_id, platforms=platforms, limit=limit, lease_for=self._lease
            )
        )

    async def renew(self, at: datetime, tokens: tuple[int, ...]) -> frozenset[int]:
        return await self.database.write(
            lambda tx: leases.renew(tx, at, worker_id=self.worker_id, tokens=tokens, lease_for=self._lease)
        )

    async def drop(self, lease: Lease, at: datetime) -> None:
        await self.database.write(lambda tx: leases.drop(tx, lease, at, max_attempts=self._max_attempts))

    async def take_back(self, at: datetime) -> None:
        locked_out = liveness.find_dead_locks(self._locks, but=self.worker_id)

        def unit(tx: Transaction) -> None:
            dead = locked_out | liveness.find_silent(tx, at - 2 * self._lease, but=self.worker_id)
            leases.take_back(tx, at, dead=dead, max_attempts=self._max_attempts)
            deliveries.take_back_deliveries(tx, dead=dead)

        await self.database.write(unit)
        liveness.forget_locks(self._locks, locked_out)

    async def release(
        self,
        lease: Lease,
        at: datetime,
        *,
        facts: tuple[Fact, ...] = (),
        not_before: datetime | None = None,
        model_away_since: datetime | None = None,
    ) -> None:
        await self.database.write(
            lambda tx: leases.release(
                tx, lease, at, facts=facts, not_before=not_before, model_away_since=model_away_since
            )
        )

    async def record_facts(self, lease: Lease, at: datetime, facts: tuple[Fact, ...]) -> None:
        await self.database.write(
            lambda tx: progress.record_facts(tx, lease, at, facts), barrier=False, owner=lease.token
        )

    async def record_attachments(self, lease: Lease, attachments: tuple[Attachment, ...]) -> Run:
        return await self.database.write(
            lambda tx: progress.record_attachments(tx, lease, attachments), barrier=False, owner=lease.token
        )

    async def record_step(
        self, lease: Lease, at: datetime, *, text: str, calls: tuple[ProposedCall, ...], facts: tuple[Fact, ...]
    ) -> Run:
        return await self.database.write(
            lambda tx: progress.record_step(tx, lease, at, text=text, calls=calls, facts=facts),
            barrier=False,
            owner=lease.token,
        )

    async def mark_started(self, lease: Lease, call: ToolCall, at: datetime) -> Run:
        return await self.database.write(lambda tx: progress.mark_started(tx, lease, call, at), owner=lease.token)

    async def record_observation(
        self, lease: Lease, call: ToolCall, observation: Observation, at: datetime, *, facts: tuple[Fact, ...] = ()
    ) -> Run:
        return await self.database.write(
            lambda tx: progress.record_observation(tx, lease, call, observation, at, facts=facts),
            barrier=False,
            owner=lease.token,
        )

    async def record_unknown_outcome(
        self, lease: Lease, call: ToolCall, requirement: Requirement, at: datetime, *, why: str, facts: tuple[Fact, ...]
    ) -> Run:
        return await self.database.write(
            lambda tx: progress.record_unknown_outcome(tx, lease, call, requirement, at, why=why, facts=facts),
            barrier=False,
            owner=lease.token,
        )

    async def record_stale(
        self,
        lease: Lease,
        call: ToolCall,
        at: datetime,
        *,
        requirement: Requirement,
        expires_at: datetime | None,
        preview: str,
        target: str,
    ) -> Run:
        return await self.database.write(
            lambda tx: progress.record_stale(
                tx, lease, call, at, requirement=requirement, expires_at=expires_at, preview=preview, target=target
            ),
            barrier=False,
            owner=lease.token,
        )

    async def suspend(self, lease: Lease, at: datetime) -> Run:
        return await self.database.write(lambda tx: progress.suspend(tx, lease, at), owner=lease.token)

    async def open_answer(self, lease: Lease, at: datetime) -> OpenedAnswer:
        return await self.database.write(
            lambda tx: endings.open_answer(tx, lease, at, worker_id=self.worker_id), owner=lease.token
        )

    async def record_answer_posted(self, delivery: DeliveryId, message: MessageRef) -> None:
        await self.database.write(lambda tx: endings.record_answer_posted(tx, delivery, message))

    async def finish(
        self, lease: Lease, at: datetime, *, ending: Ending, text: str, facts: tuple[Fact, ...], streamed: bool
    ) -> DeliveryId:
        return await self.database.write(
            lambda tx: endings.finish(tx, lease, at, ending=ending, text=text, facts=facts, streamed=streamed),
            owner=lease.token,
        )

    # Outbox

    async def claim_deliveries(self, at: datetime, *, platforms: frozenset[str], limit: int) -> list[Delivery]:
        if not deliveries.has_due(self.database.reader, at, platforms):
            return []
        return await self.database.write(
            lambda tx: deliveries.claim_deliveries(tx, at, worker_id=self.worker_id, platforms=platforms, limit=limit)
        )

    async def record_piece_sent(self, delivery: DeliveryId, sent: tuple[MessageRef, ...]) -> None:
        await self.database.write(lambda tx: deliveries.record_piece_sent(tx, delivery, sent))

    async def settle_sent(
        self, delivery: DeliveryId, at: datetime, *, sent: tuple[MessageRef, ...] | None = None
    ) -> None:
        await self.database.write(lambda tx: deliveries.settle_sent(tx, delivery, at, sent=sent))

    async def hand_over(self, delivery: DeliveryId, at: datetime) -> None:
        await self.defer(delivery, not_before=at, error="", unsent=False)

    async def defer(
        self, delivery: DeliveryId, *, not_before: datetime, error: str, form: str | None = None, unsent: bool
    ) -> None:
        await self.database.write(
            lambda tx: deliveries.defer(tx, delivery, not_before=not_before, error=error, form=form, unsent=unsent)
        )

    async def move_to_direct(self, delivery: DeliveryId, where: ConversationRef) -> None:
        await self.database.write(
            lambda tx: deliveries.move_to_direct(tx, delivery, outbox.place_conversation(tx, where, direct=True))
        )

    async def give_up(self, delivery: DeliveryId, *, error: str) -> None:
        await self.database.write(lambda tx: deliveries.give_up(tx, delivery, error=error))

    async def owe_notice(
        self, where: ConversationRef, *, direct: bool, to: UserRef, markdown: str, at: datetime
    ) -> None:
        def unit(tx: Transaction) -> None:
            conversation_id = outbox.place_conversation(tx, where, direct=direct)
            outbox.owe(
                tx, at, kind="notice", conversation_id=conversation_id, person=str(to), body={"markdown": markdown}
            )

        await self.database.write(unit)
