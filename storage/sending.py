"""What the courier writes."""

from datetime import datetime

from runtime.records import (
    ConversationRef,
    Delivery,
    DeliveryId,
    MessageRef,
    Run,
    UserRef,
)
from storage import (
    deliveries,
    outbox,
)
from storage.opened import Opened
from storage.transaction import Transaction


class Outbox(Opened):
    """Implements `runtime.record_ports.Outbox`."""

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
        self,
        delivery: DeliveryId,
        *,
        not_before: datetime,
        error: str,
        form: str | None = None,
        unsent: bool,
        counted: bool = True,
    ) -> None:
        await self.database.write(
            lambda tx: deliveries.defer(
                tx, delivery, not_before=not_before, error=error, form=form, unsent=unsent, counted=counted
            )
        )

    async def owe_copy(self, card: DeliveryId, where: ConversationRef, *, form: str, error: str, at: datetime) -> None:
        def unit(tx: Transaction) -> None:
            place = outbox.place_conversation(tx, where, direct=True)  # if it is a new one
            deliveries.owe_copy(tx, card, place, form=form, error=error, at=at)

        await self.database.write(unit)

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

    async def owe_file(self, run: Run, *, name: str, text: str, comment: str, at: datetime) -> None:
        def unit(tx: Transaction) -> None:
            outbox.owe(
                tx, at, kind="notice", conversation_id=run.conversation_id, person=str(run.asked_by), run_id=run.id,
                body={"file": name, "text": text, "markdown": comment},
            )  # fmt: skip

        await self.database.write(unit)
