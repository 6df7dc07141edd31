"""The worker: claims runs, carries N of them at once, renews their leases, and leaves nothing behind."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from runtime.charge import Charge, charge_with
from runtime.errors import LeaseLost, MallardError
from runtime.loop import Loop
from runtime.ports import Clock
from runtime.proposals import Claimed
from runtime.record_ports import Record
from runtime.signals import Signal, Signals
from runtime.steadiness import insist, steadily

HEARTBEAT = timedelta(seconds=10)
GRACE = timedelta(seconds=20)
# After the first fault of a run, the second, and every later one: what is broken gets time to mend.
PAUSES = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))

log = logging.getLogger(__name__)


class Worker:
    """Works the runs of the platforms that its process owns. `run` until `stop`; then `run` returns by itself."""

    def __init__(
        self,
        *,
        loop: Loop,
        record: Record,
        clock: Clock,
        signals: Signals,
        platforms: frozenset[str],
        concurrency: int,
        heartbeat: timedelta = HEARTBEAT,
        grace: timedelta = GRACE,
    ) -> None:
        self._loop = loop
        self._record = record
        self._clock = clock
        self._signals = signals
        self._platforms = platforms
        self._concurrency = concurrency
        self._heartbeat = heartbeat
        self._grace = grace
        # By the lease's token: a run can be taken again while what was shown of it is still being closed.
        self._carried: dict[int, tuple[Charge, asyncio.Task[None]]] = {}
        self._stopping = asyncio.Event()
        self._out_of_grace = asyncio.Event()
        self._has_begun = False
        self._tasks: asyncio.TaskGroup | None = None
        self._kept = 0
        self._unkept = asyncio.Event()

    @property
    def is_busy(self) -> bool:
        """Whether it carries any run."""
        return bool(self._carried)

    def has_room_for(self, platform: str) -> bool:
        """Whether a run of this platform could be taken at once."""
        return (
            self._tasks is not None and not self._stopping.is_set() and platform in self._platforms and self._room() > 0
        )

    def place_for(self, platform: str) -> AbstractContextManager[bool]:
        """Keep a place for a run of this platform while its door accepts it: then the door may claim it, and `take`
        takes it, even where the worker is told to stop meanwhile. False: there is no place, so do not claim."""
        return self._keeping(1 if self.has_room_for(platform) else 0)

    @contextlib.contextmanager
    def _keeping(self, places: int) -> Iterator[bool]:
        self._kept += places
        try:
            yield places > 0
        finally:
            self._kept -= places
            self._unkept.set()

    def _room(self) -> int:
        return self._concurrency - len(self._carried) - self._kept

    def take(self, claimed: Claimed) -> None:
        """Carry a run that was claimed for this worker."""
        if self._tasks is None:
            raise RuntimeError("the worker is not running")
        charge = charge_with(claimed)
        task = self._tasks.create_task(self._carry(charge), name=f"run {claimed.run.id}")
        self._carried[claimed.lease.token] = (charge, task)

    async def run(self) -> None:
        """Work until `stop`. Runs of workers that are gone are taken back first."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            claiming = tasks.create_task(steadily(self._claim), name="_claim")
            chores = [
                tasks.create_task(steadily(chore), name=chore.__name__)
                for chore in (self._keep_leases, self._watch_cancels, self._expire)
            ]
            await self._stopping.wait()
            await asyncio.wait({claiming})
            while self._kept:
                self._unkept.clear()
                await self._unkept.wait()
            await self._hand_in()
            self._tasks = None
            for chore in chores:
                chore.cancel()

    def stop(self) -> None:
        """Claim nothing more; what is being carried gets a little time, then it is put back for the next worker."""
        self._stopping.set()
        self._signals.wake((Signal.QUEUED,))

    async def _hand_in(self) -> None:
        """Models are not waited for: nothing is lost of what they think. Tools, and answers already given, are."""
        tasks = [task for _, task in self._carried.values()]
        for charge, _ in self._carried.values():
            charge.stop.leave()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._grace.total_seconds())
            self._out_of_grace.set()
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _claim(self) -> None:
        wake = self._signals.subscribe(Signal.QUEUED)
        while not self._stopping.is_set():
            room = self._room()
            if room > 0:
                with self._keeping(room):
                    claimed = await self._record.claim(self._clock.now(), platforms=self._platforms, limit=room)
                for each in claimed:
                    self.take(each)
            await wake.wait(timeout=1.0)  # a run that waits for the model has a time, not an event

    async def _carry(self, charge: Charge) -> None:
        run_id = charge.run.id
        try:
            status = await self._loop.advance(charge)
            log.info("run %d is %s", run_id, status)
        except LeaseLost as error:
            log.warning("run %d was left to another worker: %s", run_id, error)
        except asyncio.CancelledError:
            await self._release(charge)
            raise
        except MallardError as error:
            log.error("run %d stops here for now: %s", run_id, error)  # noqa: TRY400  the message says it all
            await self._drop(charge)
        except Exception:
            log.exception("run %d met a fault of ours", run_id)
            charge.returned = None  # it may be what cannot be written
            await self._drop(charge)
        finally:
            was_full = self._room() <= 0
            self._carried.pop(charge.lease.token, None)
            if was_full:  # whoever could not be claimed for want of room can be now
                self._signals.wake((Signal.QUEUED,))

    async def _release(self, charge: Charge) -> None:
        """Put a run back. Whoever takes it next goes on from the record."""
        await self._give_back(
            charge,
            lambda: self._record.release(
                charge.lease,
                self._clock.now(),
                may_have_run=frozenset(charge.may_have_run),
                returned=charge.returned,
            ),
        )

    async def _drop(self, charge: Charge) -> None:
        """Count a failed attempt, and let the run rest."""
        pause = PAUSES[min(charge.run.attempts, len(PAUSES) - 1)]

        def write() -> Awaitable[None]:
            now = self._clock.now()
            return self._record.drop(
                charge.lease,
                now,
                may_have_run=frozenset(charge.may_have_run),
                returned=charge.returned,
                not_before=now + pause,
            )

        await self._give_back(charge, write)

    async def _give_back(self, charge: Charge, write: Callable[[], Awaitable[None]]) -> None:
        """Where that cannot be written, the lease runs out by itself. But nobody else knows what a call came back with: that is
        written as often as it takes, until the lease is another's, or the worker has stopped and its grace is over."""
        try:
            await (write() if charge.returned is None else insist(write, unless=self._out_of_grace))
        except MallardError as error:
            log.warning("run %d could not be given back: %s", charge.run.id, error)
        except Exception:
            log.exception("run %d could not be given back", charge.run.id)

    async def _keep_leases(self) -> None:
        if self._has_begun:
            # Again, after a time in which nothing could be written: nobody could renew, so what looks abandoned may be
            # anybody's. Everybody has a heartbeat to renew before anything is taken back.
            await self._renew(self._clock.now())
        else:
            self._has_begun = True
            await self._record.take_back(self._clock.now())  # opening the record was this worker's first sign of life
        while True:
            await asyncio.sleep(self._heartbeat.total_seconds())
            # Renewed before anything is taken back, by the same reading of the clock: a machine that slept, even
            # between the two, must not take its own runs from itself.
            now = self._clock.now()
            await self._renew(now)
            await self._record.take_back(now)

    async def _renew(self, now: datetime) -> None:
        carried = [(charge, task) for charge, task in self._carried.values() if not charge.let_go]
        held = await self._record.renew(now, tuple(charge.lease.token for charge, _ in carried))
        for charge, task in carried:
            if charge.lease.token not in held and not charge.let_go:
                log.warning("run %d is another worker's now", charge.run.id)
                task.cancel()

    async def _watch_cancels(self) -> None:
        wake = self._signals.subscribe(Signal.CANCEL)
        while True:
            asked = self._record.list_stopping()
            for charge, _ in list(self._carried.values()) if asked else ():
                if charge.run.id in asked and not charge.let_go:
                    charge.stop.press()
            await wake.wait()

    async def _expire(self) -> None:
        wake = self._signals.subscribe(Signal.EXPIRY)
        while True:
            due = self._record.next_expiry()
            now = self._clock.now()
            if due is not None and due <= now:
                await self._record.expire_due(now)
                continue
            # Sleep no longer than a minute: a clock that is set, or a machine that slept, must not delay an expiry.
            await wake.wait(timeout=60.0 if due is None else min((due - now).total_seconds(), 60.0))
