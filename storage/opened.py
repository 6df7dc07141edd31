"""A database that is open for one worker process: what every part of the record stands on."""

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from runtime.errors import StorageError
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.ports import Clock
from runtime.signals import Signals
from storage import afterthoughts, deliveries, leases, liveness
from storage.database import Database
from storage.rehearsal import rehearse, rehearse_reading
from storage.transaction import Transaction

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5


class Opened:
    """One worker process with the database open. What it claims is freed when the process is gone."""

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
        masker: Masker = NOTHING_OF_OURS,
    ) -> None:
        self.database = Database(
            path, signals, synchronous=synchronous, writing_with=writing_with, rehearsal=rehearse, masker=masker
        )
        self._clock = clock
        self._lease = lease
        self._max_attempts = max_attempts
        self._locks = path.with_name(path.name + "-workers")

    @property
    def is_alone(self) -> bool:
        """Whether no other process has the database open."""
        return not liveness.are_others_alive(self._locks, but=self.worker_id)

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        try:
            self.worker_id = await self.database.write(lambda tx: liveness.register(tx, self._clock.now()))
            self._lock = liveness.WorkerLock(self._locks, self.worker_id)
            with contextlib.suppress(StorageError):  # whoever really needs what is broken will say so
                rehearse_reading(self.database.reader)
        except BaseException:
            await self.database.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._hand_back()
        finally:
            await self.database.__aexit__(kind, error, trace)
            self._lock.close()

    async def _hand_back(self) -> None:
        """What this worker still has in hand is free at once: nobody waits until it counts as dead."""
        mine = frozenset({self.worker_id})

        def unit(tx: Transaction) -> None:
            leases.take_back(tx, self._clock.now(), dead=mine, max_attempts=self._max_attempts)
            deliveries.take_back_deliveries(tx, dead=mine)
            afterthoughts.take_back_afterthoughts(tx, self._clock.now(), dead=mine)

        with contextlib.suppress(StorageError):  # then its leases run out
            if self.database.read_row(_IN_HAND, {"worker": self.worker_id}) is not None:
                await self.database.write(unit)


_IN_HAND = """
SELECT 1 FROM runs WHERE status = 'running' AND worker_id = :worker
UNION ALL SELECT 1 FROM deliveries WHERE worker_id = :worker
UNION ALL SELECT 1 FROM afterthoughts WHERE status = 'running' AND worker_id = :worker
LIMIT 1
"""
