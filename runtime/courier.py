"""The courier: brings every owed delivery to its platform once, however often it has to try."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from runtime.envelopes import Envelopes
from runtime.errors import MallardError, PlatformError, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.openings import opened, opens_conversation
from runtime.policy import Roles
from runtime.ports import Clock, Platform
from runtime.record_ports import Record
from runtime.records import URGENCY, Delivery, IncomingMessage, MessageRef, UserRef
from runtime.signals import Signal, Signals
from runtime.steadiness import STORAGE_PAUSE, insist, steadily

AT_ONCE = 16
IN_HAND = 256  # so many wait for their turn here: a channel that is slow must not hold up the others
TRIES = 6  # of one form, before the next form is tried
_LADDER: Mapping[tuple[str, str], str] = {
    ("card", "full"): "text",
    ("card", "text"): "direct",
    ("card_update", "full"): "text",
    ("answer", "full"): "direct",
    ("notice", "full"): "direct",
}

log = logging.getLogger(__name__)


async def _nobody(message: IncomingMessage) -> None:
    raise RuntimeError(f"nobody receives what {message.author} asked for: this courier was given no door")


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4 … seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** (attempts - 1), 300))


class Courier:
    """Speaks on the platforms that its process owns. `run` until `stop`.

    `hear` receives the requests whose conversation a delivery began.
    """

    def __init__(
        self,
        *,
        record: Record,
        clock: Clock,
        signals: Signals,
        platforms: Mapping[str, Platform],
        envelopes: Envelopes,
        roles: Roles,
        hear: Callable[[IncomingMessage], Awaitable[None]] = _nobody,
        back_off: Callable[[int], timedelta] = back_off,
        storage_pause: float = STORAGE_PAUSE,
    ) -> None:
        self._record = record
        self._clock = clock
        self._signals = signals
        self._platforms = platforms
        self._envelopes = envelopes
        self._roles = roles
        self._hear = hear
        self._back_off = back_off
        self._names = frozenset(platforms)
        self._storage_pause = storage_pause
        self._lanes: dict[tuple[str, str, str], list[Delivery]] = {}
        self._sending = asyncio.Semaphore(AT_ONCE)
        self._in_hand = 0
        self._stopping = asyncio.Event()
        self._wake = signals.subscribe(Signal.OWED)

    async def run(self) -> None:
        """Deliver until `stop`, then what is in hand."""
        async with asyncio.TaskGroup() as tasks:
            await steadily(lambda: self._deliver(tasks))

    def stop(self) -> None:
        self._stopping.set()
        self._wake.notify()

    async def _deliver(self, tasks: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            room = IN_HAND - self._in_hand
            now = self._clock.now()
            due = await self._record.claim_deliveries(now, platforms=self._names, limit=room) if room else []
            self._in_hand += len(due)
            for delivery in due:
                self._line_up(tasks, delivery)
            await self._wake.wait(timeout=self._until_next() if len(due) < room else None)

    def _line_up(self, tasks: asyncio.TaskGroup, delivery: Delivery) -> None:
        """One at a time in a channel: platforms order nothing for us, and limit what a channel takes."""
        where = delivery.where
        channel = (where.platform, where.space, where.channel or str(delivery.person))
        lane = self._lanes.setdefault(channel, [])
        lane.append(delivery)
        if len(lane) == 1:
            tasks.create_task(self._clear(channel, lane), name=f"deliveries to {where.channel}")

    def _until_next(self) -> float | None:
        due = self._record.next_due(self._names)
        return None if due is None else max((due - self._clock.now()).total_seconds(), 0.01)

    async def _clear(self, channel: tuple[str, str, str], lane: list[Delivery]) -> None:
        """Bring what is lined up for a channel, the most urgent first; once stopping, put the rest back."""
        began = False
        while lane:
            delivery = min(lane, key=lambda each: (URGENCY[each.kind], each.id))
            async with self._sending:
                await self._bring(delivery, put_back=began and self._stopping.is_set())
            began = True
            lane.remove(delivery)
            self._in_hand -= 1
            self._wake.notify()
        del self._lanes[channel]

    async def _bring(self, delivery: Delivery, *, put_back: bool) -> None:
        try:
            if put_back:
                await self._defer(delivery, timedelta(0), unsent=not delivery.tried_before)
            else:
                await self._send(delivery)
        except MallardError as error:
            log.error("delivery %d has to wait: %s", delivery.id, error)  # noqa: TRY400  the message says it all
            await self._let_go(delivery, str(error))
        except Exception as error:  # a fault of ours must not end all deliveries
            log.exception("delivery %d has to wait", delivery.id)
            await self._let_go(delivery, f"fault: {type(error).__name__}")

    async def _let_go(self, delivery: Delivery, error: str) -> None:
        """Nothing stays in hand. Where even that cannot be written, it is taken back once this process is gone."""
        with contextlib.suppress(MallardError):
            await self._defer(delivery, self._back_off(delivery.attempts), error=error, unsent=False)

    async def _defer(
        self, delivery: Delivery, pause: timedelta, *, error: str = "", form: str | None = None, unsent: bool
    ) -> None:
        again = self._clock.now() + pause
        await self._written(
            lambda: self._record.defer(delivery.id, not_before=again, error=error, form=form, unsent=unsent)
        )

    async def _written(self, write: Callable[[], Awaitable[None]]) -> None:
        """What became of a delivery is not forgotten because the database fails for a while."""
        await insist(write, unless=self._stopping, pause=self._storage_pause)

    async def _send(self, delivery: Delivery) -> None:
        platform = self._platforms[delivery.where.platform]
        try:
            if not delivery.where.channel:
                delivery = await self._address(platform, delivery)
            if delivery.kind == "card_update":
                await self._update(platform, delivery)
            else:
                await self._post(platform, delivery)
        except PlatformUnavailable as error:
            await self._try_later(delivery, error)
        except PlatformUnclear as error:
            await self._defer(delivery, self._back_off(delivery.attempts), error=str(error), unsent=False)
        except PlatformRefused as error:
            await self._fall_back(delivery, str(error), unsent=True)
        except MallardError:
            raise
        except Exception as error:  # a fault of ours in one form must not keep people waiting for another
            log.exception("delivery %d could not be made", delivery.id)
            await self._fall_back(delivery, f"fault: {type(error).__name__}", unsent=False)

    async def _address(self, platform: Platform, delivery: Delivery) -> Delivery:
        """A delivery to a person alone, with the conversation where that is."""
        where = await platform.direct_message(delivery.person)
        await self._written(lambda: self._record.move_to_direct(delivery.id, where))
        return replace(delivery, where=where)

    async def _update(self, platform: Platform, delivery: Delivery) -> None:
        (content,) = self._envelopes.contents(delivery, platform.limits)
        for message in delivery.sent[:1]:  # what stands behind a card is a file, which no decision changes
            await platform.edit(message, content)
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
                await self._written(lambda: self._record.record_piece_sent(delivery.id, tuple(sent)))
        if opens_conversation(delivery):  # before it is settled: after a crash it is received again
            await self._hear(opened(delivery, sent[0], platform.thread_on))
        await self._written(lambda: self._record.settle_sent(delivery.id, self._clock.now(), sent=tuple(sent)))

    async def _find(self, platform: Platform, delivery: Delivery, key: str, number: int) -> MessageRef | None:
        """What an earlier attempt may have left on the platform."""
        if not delivery.tried_before:
            return None
        streamed = delivery.kind == "answer" and number == 0
        return await platform.find_posted(delivery.where, key, delivery.created_at, streamed=streamed)

    async def _try_later(self, delivery: Delivery, error: PlatformUnavailable) -> None:
        given_time = error.retry_after is None and delivery.kind != "card_update"
        if given_time and delivery.attempts >= TRIES and (delivery.kind, delivery.form) in _LADDER:
            await self._fall_back(delivery, str(error), unsent=not delivery.tried_before)
            return
        pause = self._back_off(delivery.attempts) if error.retry_after is None else timedelta(seconds=error.retry_after)
        await self._defer(delivery, pause, error=str(error), unsent=not delivery.tried_before)

    async def _fall_back(self, delivery: Delivery, error: str, *, unsent: bool) -> None:
        """Say it in a plainer form, then to the person alone, then tell an administrator that nobody could be told.

        What an earlier try may have left is still looked for, unless it is `unsent`: a card must not stand twice.
        """
        form = _LADDER.get((delivery.kind, delivery.form))
        log.warning("delivery %d (%s, %s) failed: %s", delivery.id, delivery.kind, delivery.form, error)
        if form == "direct":
            try:
                where = await self._platforms[delivery.where.platform].direct_message(delivery.person)
                await self._written(lambda: self._record.move_to_direct(delivery.id, where))
            except PlatformUnavailable as away:  # the platform is: that is no reason to give up
                await self._defer(delivery, self._back_off(delivery.attempts), error=str(away), unsent=False)
                return
            except PlatformError as refused:
                form, error = None, f"{error}; and the person cannot be written to: {refused}"
        if form is not None:
            await self._defer(delivery, timedelta(0), error=error, form=form, unsent=unsent)
            self._signals.wake((Signal.OWED,))
            return
        await self._written(lambda: self._record.give_up(delivery.id, error=error))
        if delivery.kind in ("card", "answer"):
            await self._tell_admins(
                f"I could not deliver the {delivery.kind} of run {delivery.run_id} to {delivery.person}, "
                f"anywhere: {error}. `run {delivery.run_id}` shows what happened."
            )
        elif opens_conversation(delivery):
            await self._tell_admins(f"{delivery.person} asked for something, and I could not answer them: {error}.")

    async def _tell_admins(self, words: str) -> None:
        for admin in self._reachable_admins():
            try:
                where = await self._platforms[admin.platform].direct_message(admin)
            except PlatformError as refused:
                log.error("administrator %s cannot be told either: %s", admin, refused)  # noqa: TRY400  said in full
                continue
            await self._record.owe_notice(where, direct=True, to=admin, markdown=words, at=self._clock.now())

    def _reachable_admins(self) -> tuple[UserRef, ...]:
        return tuple(admin for admin in self._roles.admins if admin.platform in self._platforms)
