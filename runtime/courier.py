"""The courier: brings every owed delivery to its platform once, however often it has to try."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from runtime.envelopes import Envelopes
from runtime.errors import (
    MallardError,
    PlatformError,
    PlatformLimited,
    PlatformRefused,
    PlatformUnavailable,
    PlatformUnclear,
)
from runtime.holds import Holds, place_of
from runtime.ladder import LOOKS, TRIES, back_off, leaves_somebody_waiting, plainer, words_for_admins
from runtime.pauses import LONGEST_PAUSE, nap
from runtime.policy import Roles
from runtime.ports import Clock, Platform
from runtime.postman import Postman, Spent, Unseen
from runtime.record_ports import Record
from runtime.records import URGENCY, Delivery, IncomingMessage, UserRef
from runtime.signals import Signal, Signals
from runtime.steadiness import STORAGE_PAUSE, insist, steadily

AT_ONCE = 16
IN_HAND = 256  # so many wait for their turn here: a channel that is slow must not hold up the others

log = logging.getLogger(__name__)


async def _nobody(message: IncomingMessage) -> None:
    raise RuntimeError(f"nobody receives what {message.author} asked for: this courier was given no door")


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
        self._postman = Postman(record, clock, platforms, envelopes, self._written, hear)
        self._holds = Holds()
        self._roles = roles
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
        where = place_of(delivery)
        channel = (where.platform, where.space, where.channel)
        lane = self._lanes.setdefault(channel, [])
        lane.append(delivery)
        if len(lane) == 1:
            tasks.create_task(self._clear(channel, lane), name=f"deliveries to {where.channel}")

    def _until_next(self) -> float | None:
        due = self._record.next_due(self._names)
        return None if due is None else nap(due, self._clock.now())

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
        held = self._holds.left(place_of(delivery), self._clock.now())
        try:
            if put_back or held:
                await self._put_off(delivery, timedelta(0) if put_back else held)
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

    async def _put_off(self, delivery: Delivery, pause: timedelta, *, error: str = "") -> None:
        """Do it later: that was none of its tries."""
        await self._defer(delivery, pause, error=error, unsent=not delivery.tried_before, counted=False)

    async def _defer(
        self,
        delivery: Delivery,
        pause: timedelta,
        *,
        error: str = "",
        form: str | None = None,
        unsent: bool,
        counted: bool = True,
    ) -> None:
        again = self._clock.now() + min(pause, LONGEST_PAUSE)  # what is held for longer is put off anew
        await self._written(
            lambda: self._record.defer(
                delivery.id, not_before=again, error=error, form=form, unsent=unsent, counted=counted
            )
        )

    async def _written(self, write: Callable[[], Awaitable[None]]) -> None:
        """What became of a delivery is not forgotten because the database fails for a while."""
        await insist(write, unless=self._stopping, pause=self._storage_pause)

    async def _send(self, delivery: Delivery) -> None:
        try:
            await self._postman.bring(delivery)
            self._holds.taken(place_of(delivery))
        except PlatformLimited as error:
            now = self._clock.now()
            self._holds.refused(place_of(delivery), now, error.retry_after)
            await self._put_off(delivery, self._holds.left(place_of(delivery), now), error=str(error))
        except PlatformUnavailable as error:
            await self._try_later(delivery, error)
        except Spent as error:
            await self._fall_back(delivery, str(error), unsent=False)
        except PlatformUnclear as error:
            await self._persist(delivery, self._back_off(delivery.attempts), str(error), unsent=False)
        except PlatformRefused as error:
            await self._fall_back(delivery, str(error), unsent=not delivery.tried_before)
        except MallardError:
            raise
        except Exception as error:  # a fault of ours in one form must not keep people waiting for another
            log.exception("delivery %d could not be made", delivery.id)
            await self._fall_back(delivery, f"fault: {type(error).__name__}", unsent=False)

    async def _try_later(self, delivery: Delivery, error: PlatformUnavailable) -> None:
        unsent = not delivery.tried_before
        if error.retry_after is not None:
            await self._put_off(delivery, timedelta(seconds=max(error.retry_after, 1.0)), error=str(error))
            return
        enough = LOOKS if isinstance(error, Unseen) else TRIES
        if delivery.attempts >= enough and delivery.kind != "card_update" and plainer(delivery) is not None:
            await self._fall_back(delivery, str(error), unsent=unsent)
            return
        await self._persist(delivery, self._back_off(delivery.attempts), str(error), unsent=unsent)

    async def _persist(self, delivery: Delivery, pause: timedelta, error: str, *, unsent: bool) -> None:
        """Try this form again. What is in its last one, and fails there too, is no secret meanwhile."""
        await self._defer(delivery, pause, error=error, unsent=unsent)
        if delivery.attempts == TRIES and plainer(delivery) is None and leaves_somebody_waiting(delivery):
            await self._tell_admins(delivery, f"{error}; I keep trying")

    async def _fall_back(self, delivery: Delivery, error: str, *, unsent: bool) -> None:
        """Say it in a plainer form, then to the person alone, then tell an administrator that nobody could be told.

        Unless it is `unsent`, an earlier try may stand unnoticed: its own key found nothing, or nobody could look for too
        long. A card must then be closed with all others once it is decided, so it stays on record, to be looked for by
        that time, and its plainer form is a copy. An answer asks for nothing: it stands twice at worst.
        """
        form, where = plainer(delivery), delivery.where
        log.warning("delivery %d (%s, %s) failed: %s", delivery.id, delivery.kind, delivery.form, error)
        if form == "direct":
            try:
                where = await self._platforms[where.platform].direct_message(delivery.person)
            except PlatformUnavailable as away:  # the platform is: that is no reason to give up
                await self._defer(delivery, self._back_off(delivery.attempts), error=str(away), unsent=unsent)
                return
            except PlatformError as refused:
                form, error = None, f"{error}; and the person cannot be written to: {refused}"
        if form is None:
            await self._written(lambda: self._record.give_up(delivery.id, error=error))
            if leaves_somebody_waiting(delivery):
                await self._tell_admins(delivery, error)
            return
        if delivery.kind == "card" and (not unsent or self._postman.has_left(delivery)):
            at = self._clock.now()
            await self._written(lambda: self._record.owe_copy(delivery.id, where, form=form, error=error, at=at))
        elif form == "direct":
            await self._written(lambda: self._record.move_to_direct(delivery.id, where))
            await self._defer(delivery, timedelta(0), error=error, form=form, unsent=True)
        else:
            await self._defer(delivery, timedelta(0), error=error, form=form, unsent=unsent)
        self._signals.wake((Signal.OWED,))

    async def _tell_admins(self, delivery: Delivery, error: str) -> None:
        for admin in self._reachable_admins():
            try:
                where = await self._platforms[admin.platform].direct_message(admin)
            except PlatformError as refused:
                log.error("administrator %s cannot be told either: %s", admin, refused)  # noqa: TRY400  said in full
                continue
            await self._record.owe_notice(
                where, direct=True, to=admin, markdown=words_for_admins(delivery, error), at=self._clock.now()
            )

    def _reachable_admins(self) -> tuple[UserRef, ...]:
        return tuple(admin for admin in self._roles.admins if admin.platform in self._platforms)
