"""The worker of afterthoughts: a few at a time, beside the runs and behind them, and nothing waits for it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Protocol

from runtime.afterthoughts.records import Afterthought, AfterthoughtKind, NoThought, Thought
from runtime.errors import MallardError, ModelError, ModelRefused, ModelUnavailable, StorageError
from runtime.facts import Fact
from runtime.memory.records import MemoryId
from runtime.ports import Clock
from runtime.record_ports import Record
from runtime.records import Run
from runtime.signals import Signal, Signals
from runtime.steadiness import insist, steadily
from runtime.stopping import StopButton, Stopped

CONCURRENCY = 2
PAUSES = (timedelta(seconds=30), timedelta(minutes=5))  # after the first failure, and after the second
NO_REST = timedelta(0)
PATIENCE = timedelta(minutes=10)  # for one thought; the lease is longer
_LONGEST_SLEEP, _SHORTEST_SLEEP = 60.0, 1.0

log = logging.getLogger(__name__)


class Thinker(Protocol):
    """Thinks one kind of afterthought. Changes nothing: what it returns is committed by whoever asked."""

    async def think(self, run: Run) -> Thought | NoThought | None:
        """What came of it; None: nothing. Raises ModelError."""
        ...


class AfterthoughtWorker:
    """Works the afterthoughts of the platforms that its process owns. `run` until `stop`; then `run` returns by itself."""

    def __init__(
        self,
        *,
        record: Record,
        clock: Clock,
        signals: Signals,
        thinkers: Mapping[AfterthoughtKind, Thinker],
        platforms: frozenset[str],
        concurrency: int = CONCURRENCY,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._record = record
        self._clock = clock
        self._signals = signals
        self._thinkers = thinkers
        self._platforms = platforms
        self._patience = patience
        self._buttons = tuple(StopButton() for _ in range(concurrency))
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for number, button in enumerate(self._buttons, start=1):

                async def lane(button: StopButton = button) -> None:
                    await self._work(button)

                tasks.create_task(steadily(lane), name=f"afterthoughts {number}")

    def stop(self) -> None:
        """Claim nothing more, and put back what is being thought: nothing is lost of it."""
        self._stopping.set()
        for button in self._buttons:
            button.press()
        self._signals.wake((Signal.AFTERTHOUGHTS,))

    async def _work(self, button: StopButton) -> None:
        wake = self._signals.subscribe(Signal.AFTERTHOUGHTS)
        try:
            while not self._stopping.is_set():
                held = await self._record.claim_afterthought(self._clock.now(), platforms=self._platforms)
                if held is None:
                    await wake.wait(timeout=self._until_next())
                else:
                    await self._carry(held, button)
        finally:
            self._signals.unsubscribe(wake)

    def _until_next(self) -> float:
        """What is due and cannot be claimed waits for another of its conversation, whose end is a signal."""
        due = self._record.next_afterthought(self._platforms)
        if due is None:
            return _LONGEST_SLEEP
        return min(max((due - self._clock.now()).total_seconds(), _SHORTEST_SLEEP), _LONGEST_SLEEP)

    async def _carry(self, held: Afterthought, button: StopButton) -> None:
        """Think, and commit what came of it. Whatever goes wrong is the afterthought's alone."""
        try:
            thought = await self._think(held, button)
        except Stopped:
            await self._insist(lambda: self._record.release_afterthought(held, self._clock.now()))
        except asyncio.CancelledError:
            with contextlib.suppress(MallardError):
                await asyncio.shield(self._record.release_afterthought(held, self._clock.now()))
            raise
        except ModelError as error:
            again = not isinstance(error, ModelRefused)
            rest = timedelta(seconds=error.retry_after or 0) if isinstance(error, ModelUnavailable) else NO_REST
            await self._defer(held, str(error), error.facts, error.shown, again=again, rest=rest)
        except TimeoutError:
            await self._defer(held, "the model took too long")
        except MallardError as error:
            await self._defer(held, str(error))
        except Exception as error:
            log.exception("%s of run %d met a fault of ours", held.kind, held.run_id)
            await self._defer(held, f"a fault of ours ({type(error).__name__})")
        else:
            if isinstance(thought, NoThought):
                await self._defer(held, thought.why, thought.facts, thought.shown, again=False)
            else:
                await self._insist(lambda: self._record.settle_afterthought(held, thought, self._clock.now()))

    async def _think(self, held: Afterthought, button: StopButton) -> Thought | NoThought | None:
        """Nothing is thought about a run that something was forgotten of: it would be known again."""
        thinker = self._thinkers.get(held.kind)
        if thinker is None or self._record.has_forgotten(held.run_id):
            return None
        with button.heeded():
            async with asyncio.timeout(self._patience.total_seconds()):
                return await thinker.think(self._record.load_run(held.run_id))

    async def _defer(
        self,
        held: Afterthought,
        why: str,
        facts: tuple[Fact, ...] = (),
        shown: tuple[MemoryId, ...] = (),
        *,
        again: bool = True,
        rest: timedelta = NO_REST,
    ) -> None:
        """`rest` is what the model asks for, where that is longer than the pause."""
        log.warning("%s of run %d: %s", held.kind, held.run_id, why)
        now = self._clock.now()
        again_at = now + max(rest, PAUSES[min(held.attempts, len(PAUSES) - 1)]) if again else None
        await self._insist(
            lambda: self._record.defer_afterthought(held, now, why=why, facts=facts, shown=shown, again_at=again_at)
        )

    async def _insist(self, write: Callable[[], Awaitable[object]]) -> None:
        """What cannot be written even while we leave is freed like the work of a process that died."""
        try:
            await insist(write, unless=self._stopping)
        except StorageError as error:
            log.warning("an afterthought is left as it is: %s", error)
