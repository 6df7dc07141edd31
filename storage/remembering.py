"""Implements `runtime.memory.ports.Memories`: each verb hands its request to the unit of work that knows how."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from msgspec.structs import replace

from runtime.errors import StorageError
from runtime.memory.records import (
    Forgotten,
    ForgottenPerson,
    Found,
    Kept,
    Memory,
    MemoryId,
    MemoryQuery,
    NewMemory,
    Place,
    Vector,
)
from runtime.records import RunId, UserRef
from storage import forgetting, memories, memory_vectors, merging, redacting, reliances, scouring, tellers
from storage.encoding import micros, to_json
from storage.nearness import Nearness, standing_of
from storage.opened import Opened
from storage.searching import search
from storage.transaction import Transaction

log = logging.getLogger(__name__)


class Remembering(Opened):
    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._nearness = Nearness(self.database)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._nearness.close()
        await super().__aexit__(kind, error, trace)

    async def remember(self, new: NewMemory, at: datetime, *, vector: Vector | None = None) -> Kept:
        return await self.database.write(lambda tx: merging.remember(tx, new, at, vector=vector))

    def find_memory(self, memory_id: MemoryId) -> Memory | None:
        return memories.find_memory(self.database.reader, memory_id)

    def has_memories(self, places: frozenset[Place]) -> bool:
        return bool(standing_of(self.database, places))

    async def search_memories(self, query: MemoryQuery, at: datetime) -> tuple[Found, ...]:
        return await search(self.database, self._nearness, query, at)

    async def list_memories(
        self,
        places: frozenset[Place],
        at: datetime,
        *,
        retired: bool = False,
        before: MemoryId | None = None,
        limit: int = 20,
    ) -> tuple[Memory, ...]:
        parameters = {
            "places": memory_vectors.places_parameter(places),
            "at": micros(at),
            "retired": retired,
            "before": before,
            "limit": limit,
        }
        return tuple(memories.read_memory(row) for row in await self.database.scan(memories.LIST, parameters))

    async def list_places(self) -> frozenset[Place]:
        return memories.read_places(await self.database.scan(memories.PLACES))

    async def forget(self, memory_ids: Sequence[MemoryId], at: datetime, *, by: UserRef) -> Forgotten:
        told = await self._find_told(memory_ids)
        forgotten = await self.database.write(lambda tx: forgetting.forget(tx, memory_ids, at, by=str(by), told=told))
        return replace(forgotten, lingers=not await self._scour_now())

    async def _find_told(self, memory_ids: Collection[MemoryId]) -> redacting.Told:
        """Looked for before the transaction, and off the loop: it reads much."""
        (until,) = self.database.read_row(redacting.NEWEST_HEAD) or (0,)
        going = await self.database.write(lambda tx: forgetting.find_texts(tx, memory_ids))
        if not going:
            return redacting.Told(events={}, until=until)
        tells = tellers.telling_of(going)
        rows = await self.database.scan(redacting.SAID_OF_MEMORIES)
        events = await asyncio.to_thread(redacting.find_told_of_memories, rows, tells)
        rows = await self.database.scan(tellers.SAID_BESIDE, {"ids": to_json(list(going))})
        runs = await asyncio.to_thread(tellers.find_runs_that_tell, rows, tells)
        rows = await self.database.scan(tellers.MADE_WITH, {"ids": to_json(list(going))})
        silent = await asyncio.to_thread(tellers.find_silent_runs, rows, tellers.telling_or_naming(going))
        return redacting.Told(events=events, runs=runs, silent=silent, until=until)

    async def forget_person(self, accounts: frozenset[UserRef], at: datetime) -> ForgottenPerson:
        memory_ids = await self.database.write(lambda tx: forgetting.find_memories_of(tx, accounts))
        told = await self._find_told(memory_ids)

        def unit(tx: Transaction) -> ForgottenPerson:
            if open_runs := forgetting.find_open_runs(tx, accounts):
                return ForgottenPerson(open_runs=open_runs)
            going = forgetting.find_memories_of(tx, accounts)
            summaries = forgetting.count_summaries(tx, accounts)
            # While the runs are there that tell who heard of it.
            gone = forgetting.forget(tx, going, at, by=redacting.FORGETTING, told=told)
            if gone.runs_in_the_way:
                return ForgottenPerson(runs_in_the_way=gone.runs_in_the_way)
            runs = forgetting.remove_runs(tx, accounts, at)
            forgetting.remove_grants(tx, accounts)
            deliveries = forgetting.remove_deliveries(tx, accounts)
            scouring.owe_scouring(tx, at)
            return ForgottenPerson(memories=gone.memories, runs=runs, summaries=summaries, deliveries=deliveries)

        forgotten = await self.database.write(unit)
        return replace(forgotten, lingers=not await self._scour_now())

    async def _scour_now(self) -> bool:
        """What cannot be scoured now is owed still: that something was forgotten is committed, and no failure."""
        try:
            return await self.scour()
        except StorageError as error:
            log.warning("what was forgotten still lies in the database's files, and is removed later: %s", error)
            return False

    async def scour(self) -> bool:
        if self.database.read_row(scouring.OWED) is None:
            return True
        await asyncio.to_thread(self._nearness.forget)
        if not await self.database.between(scouring.scour):
            return False
        await self.database.write(scouring.settle_scouring)
        return True

    async def pin(self, memory_id: MemoryId, *, pinned: bool) -> bool:
        return await self.database.write(lambda tx: memories.pin(tx, memory_id, pinned=pinned))

    async def expire_memories(self, at: datetime) -> int:
        if self.database.read_row(forgetting.EXPIRED, (micros(at),)) is None:
            return 0
        return await self.database.write(lambda tx: forgetting.expire_memories(tx, at))

    async def list_without_vector(
        self, space: str, *, limit: int, before: MemoryId | None = None
    ) -> tuple[tuple[MemoryId, str], ...]:
        rows = await self.database.scan(memory_vectors.WITHOUT, {"space": space, "limit": limit, "before": before})
        return memory_vectors.read_texts(rows)

    async def keep_vectors(self, vectors: Mapping[MemoryId, Vector]) -> int:
        return await self.database.write(lambda tx: memory_vectors.keep_vectors(tx, vectors))

    async def drop_other_vectors(self, space: str) -> int:
        dropped = 0
        while some := await self.database.write(lambda tx: memory_vectors.drop_other_vectors(tx, space)):
            dropped += some
        return dropped

    def list_reliances(self, run_id: RunId) -> tuple[MemoryId, ...]:
        return reliances.list_reliances(self.database.reader, run_id)
