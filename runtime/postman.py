"""The postman: makes one attempt at one delivery, and leaves nothing standing twice."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from runtime.envelopes import Envelopes
from runtime.errors import PlatformLimited, PlatformUnavailable, PlatformUnclear
from runtime.ladder import TRIES, plainer
from runtime.openings import opened, opens_conversation
from runtime.ports import Clock, Platform
from runtime.record_ports import Outbox
from runtime.records import Delivery, DeliveryId, IncomingMessage, MessageRef


class Spent(PlatformUnclear):
    """It was unclear often enough whether it was posted, and it was not found once more."""


class Unseen(PlatformUnavailable):
    """Nobody can look whether it was posted."""


class Postman:
    """`written` takes each write, and sees to it that it is not forgotten. `hear` receives the requests whose conversation a
    delivery began."""

    def __init__(
        self,
        record: Outbox,
        clock: Clock,
        platforms: Mapping[str, Platform],
        envelopes: Envelopes,
        written: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]],
        hear: Callable[[IncomingMessage], Awaitable[None]],
    ) -> None:
        self._record = record
        self._clock = clock
        self._platforms = platforms
        self._envelopes = envelopes
        self._written = written
        self._hear = hear
        self._left: set[DeliveryId] = set()

    def has_left(self, delivery: Delivery) -> bool:
        """Whether a part of it is known to stand, though not all of it does."""
        return delivery.id in self._left or bool(delivery.sent)

    async def bring(self, delivery: Delivery) -> None:
        """Bring it, and record that it stands. Raises PlatformError where that did not succeed."""
        platform = self._platforms[delivery.where.platform]
        if not delivery.where.channel:
            delivery = await self._address(platform, delivery)
        if delivery.kind == "card_update":
            await self._update(platform, delivery)
        else:
            await self._post(platform, delivery)

    async def _address(self, platform: Platform, delivery: Delivery) -> Delivery:
        """A delivery to a person alone, with the conversation where that is."""
        where = await platform.direct_message(delivery.person)
        await self._written(lambda: self._record.move_to_direct(delivery.id, where))
        return replace(delivery, where=where)

    async def _update(self, platform: Platform, delivery: Delivery) -> None:
        (content,) = self._envelopes.contents(delivery, platform.limits)
        card = delivery.sent[0] if delivery.sent else await self._find_unnoticed(platform, delivery)
        if card is not None:  # what stands behind a card is a file, which no decision changes
            await platform.edit(card, content)
        await self._written(lambda: self._record.settle_sent(delivery.id, self._clock.now()))

    async def _post(self, platform: Platform, delivery: Delivery) -> None:
        sent = list(delivery.sent)
        contents = self._envelopes.contents(delivery, platform.limits)
        for number, content in enumerate(contents):
            key = self._envelopes.key(delivery, number)
            if number < len(sent):
                if number == 0 and delivery.kind == "answer":
                    await platform.edit(sent[0], content, key=key)  # it was streamed: now it says what was committed
                continue
            found = await self._find(platform, delivery, key, number) if number == len(delivery.sent) else None
            if found is not None and delivery.kind == "answer":
                await platform.edit(found, content, key=key)
            sent.append(found or await platform.post(delivery.where, content, key=key))
            if number + 1 < len(contents):
                await self._record_piece(delivery, sent)
        if opens_conversation(delivery):
            # On record before the request is received: whoever tries again receives it there, and nowhere else.
            await self._record_piece(delivery, sent)
            await self._hear(opened(delivery, sent[0], platform.thread_on))
        await self._written(lambda: self._record.settle_sent(delivery.id, self._clock.now(), sent=tuple(sent)))
        self._left.discard(delivery.id)

    async def _record_piece(self, delivery: Delivery, sent: list[MessageRef]) -> None:
        self._left.add(delivery.id)
        await self._written(lambda: self._record.record_piece_sent(delivery.id, tuple(sent)))

    async def _find(self, platform: Platform, delivery: Delivery, key: str, number: int) -> MessageRef | None:
        """What an earlier attempt may have left on the platform. Raises Unseen, and Spent where there were enough of them."""
        if not delivery.tried_before:
            return None
        streamed = delivery.kind == "answer" and number == 0
        try:
            found = await platform.find_posted(delivery.where, key, delivery.created_at, streamed=streamed)
        except PlatformLimited:
            raise
        except PlatformUnavailable as error:
            raise Unseen(str(error), retry_after=error.retry_after) from error
        if found is None and delivery.attempts > TRIES and plainer(delivery) is not None:
            raise Spent(f"it was unclear {TRIES} times whether it was posted, and it does not stand there")
        return found

    async def _find_unnoticed(self, platform: Platform, update: Delivery) -> MessageRef | None:
        """A card that was given up for a plainer copy, if it came to stand after all."""
        return await platform.find_posted(update.where, self._envelopes.key(update, 0), update.created_at)
