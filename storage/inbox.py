"""What doors write."""

from datetime import datetime

from runtime.facts import Fact
from runtime.ports import Seen
from runtime.proposals import (
    Intake,
    Received,
    Reply,
    Settled,
)
from runtime.records import (
    ApprovalId,
    ConversationRef,
    Decision,
    Grant,
    GrantId,
    IncomingMessage,
    JsonObject,
    RunId,
    UserRef,
)
from runtime.states import RunStatus
from storage import (
    deliveries,
    endings,
    events,
    expiry,
    grants,
    intake,
    linking,
    links,
    outbox,
    reading,
    settling,
)
from storage.acquainted import Acquainted
from storage.transaction import Transaction


class Inbox(Acquainted):
    """Implements `runtime.record_ports.Inbox`: none of it needs a lease."""

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

    async def move_bounds(self, seen: tuple[Seen, ...]) -> None:
        await self.database.write(lambda tx: intake.move_bounds(tx, seen))

    async def begin_serving(self, platform: str, at: datetime) -> datetime:
        def unit(tx: Transaction) -> datetime:
            deliveries.look_for_people_again(tx, platform)
            return intake.begin_serving(tx, platform, at)

        return await self.database.write(unit)

    async def settle(
        self,
        approval_id: ApprovalId,
        decision: Decision,
        *,
        grant: Grant | None,
        claim: bool,
        people_as_of: int | None = None,
    ) -> Settled:
        lease_for = self._lease if claim else None

        def unit(tx: Transaction) -> Settled:
            if people_as_of is not None:
                links.check_unchanged(tx, people_as_of)
            return settling.settle(
                tx, approval_id, decision, grant=grant, worker_id=self.worker_id, lease_for=lease_for
            )

        return await self.database.write(unit)

    async def record_outside(self, run_id: RunId, facts: tuple[Fact, ...], at: datetime) -> None:
        await self.database.write(lambda tx: events.append_outside(tx, run_id, at, facts))

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
        lapse = self.who_is_who.next_lapse()

        def unit(tx: Transaction) -> int:
            lapsed = linking.lapse_due(tx, at) if lapse is not None and lapse <= at else 0
            return lapsed + expiry.expire_due(tx, at)

        return await self.database.write(unit)
