"""What a worker writes."""

from datetime import datetime

from runtime.afterthoughts.legacy import NO_LEGACY, Legacy
from runtime.facts import Fact
from runtime.memory.records import MemoryId
from runtime.proposals import (
    Claimed,
    Ending,
    OpenedAnswer,
    ProposedCall,
    Returned,
)
from runtime.records import (
    Attachment,
    CallId,
    DeliveryId,
    Lease,
    MessageRef,
    Observation,
    Requirement,
    Run,
    Step,
    ToolCall,
)
from storage import (
    afterthoughts,
    deliveries,
    endings,
    leases,
    liveness,
    progress,
    steps,
)
from storage.loading import load_run
from storage.opened import Opened
from storage.transaction import Transaction


class Progress(Opened):
    """Implements `runtime.record_ports.Progress`: what has a lease takes it first."""

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

    async def drop(
        self,
        lease: Lease,
        at: datetime,
        *,
        may_have_run: frozenset[CallId],
        returned: Returned | None = None,
        not_before: datetime | None = None,
    ) -> None:
        def unit(tx: Transaction) -> None:
            progress.record_returned(tx, lease, returned)
            leases.drop(
                tx, lease, at, may_have_run=may_have_run, not_before=not_before, max_attempts=self._max_attempts
            )

        await self.database.write(unit)

    async def take_back(self, at: datetime) -> None:
        locked_out = liveness.find_dead_locks(self._locks, but=self.worker_id)

        def unit(tx: Transaction) -> None:
            dead = locked_out | liveness.find_silent(tx, at - 2 * self._lease, but=self.worker_id)
            leases.take_back(tx, at, dead=dead, max_attempts=self._max_attempts)
            deliveries.take_back_deliveries(tx, dead=dead)
            afterthoughts.take_back_afterthoughts(tx, at, dead=dead)

        await self.database.write(unit)
        liveness.forget_locks(self._locks, locked_out)

    async def release(
        self,
        lease: Lease,
        at: datetime,
        *,
        may_have_run: frozenset[CallId],
        returned: Returned | None = None,
        facts: tuple[Fact, ...] = (),
        relied: tuple[MemoryId, ...] = (),
        not_before: datetime | None = None,
        model_away_since: datetime | None = None,
        said: str = "",
    ) -> None:
        def unit(tx: Transaction) -> None:
            progress.record_returned(tx, lease, returned)
            leases.release(
                tx,
                lease,
                at,
                may_have_run=may_have_run,
                facts=facts,
                relied=relied,
                not_before=not_before,
                model_away_since=model_away_since,
                said=said,
            )

        await self.database.write(unit)

    async def record_attachments(self, lease: Lease, attachments: tuple[Attachment, ...]) -> Run:
        return await self.database.write(
            lambda tx: progress.record_attachments(tx, lease, attachments), barrier=False, owner=lease.token
        )

    async def record_step(
        self,
        lease: Lease,
        run: Run,
        at: datetime,
        *,
        text: str,
        calls: tuple[ProposedCall, ...],
        facts: tuple[Fact, ...],
        relied: tuple[MemoryId, ...] = (),
    ) -> Run:
        if calls:
            return await self.database.write(
                lambda tx: steps.record_step(tx, lease, run, at, text=text, calls=calls, facts=facts, relied=relied),
                owner=lease.token,
            )

        def unit(tx: Transaction) -> None:
            steps.record_plain_step(tx, lease, run, at, text=text, facts=facts, relied=relied)

        if relied:  # one of them may be gone, and then the step was not
            await self.database.write(unit, barrier=False, owner=lease.token)
        else:
            self.database.leave(unit, owner=lease.token)
        return steps.with_step(run, Step(number=len(run.steps) + 1, text=text, calls=()))

    async def mark_started(self, lease: Lease, call: ToolCall, at: datetime) -> None:
        await self.database.write(lambda tx: progress.mark_started(tx, lease, call, at), owner=lease.token)

    async def record_observation(
        self,
        lease: Lease,
        run: Run,
        call: ToolCall,
        observation: Observation,
        at: datetime,
        *,
        facts: tuple[Fact, ...] = (),
    ) -> Run:
        def unit(tx: Transaction) -> None:
            progress.record_observation(tx, lease, call, observation, at, facts=facts)

        known = progress.with_observation(run, call, observation)
        if known is not None and not facts:  # what is on record of a command is looked after until it stands there
            self.database.leave(unit, owner=lease.token)
            return known

        def unit_and_look(tx: Transaction) -> Run:
            unit(tx)
            return load_run(tx, lease.run_id)

        return await self.database.write(unit_and_look, barrier=False, owner=lease.token)

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
        self,
        lease: Lease,
        run: Run,
        at: datetime,
        *,
        ending: Ending,
        text: str,
        facts: tuple[Fact, ...],
        streamed: bool,
        legacy: Legacy = NO_LEGACY,
    ) -> DeliveryId:
        return await self.database.write(
            lambda tx: endings.finish(
                tx, lease, run, at, ending=ending, text=text, facts=facts, streamed=streamed, legacy=legacy
            ),
            owner=lease.token,
        )
