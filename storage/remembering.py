"""Implements `runtime.memory.ports.Memories`: each verb hands its request to the unit of work that knows how."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from runtime.memory.records import Found, Kept, Memory, MemoryId, MemoryQuery, NewMemory, Place, Vector
from runtime.records import RunId
from storage import memories, memory_vectors, merging, reliances
from storage.encoding import micros
from storage.nearness import Nearness, standing_of
from storage.opened import Opened
from storage.searching import search
from storage.transaction import Transaction


class Remembering(Opened):
    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._nearness = Nearness(self.database)

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

    async def forget(self, memory_ids: Sequence[MemoryId], at: datetime) -> int:
        def unit(tx: Transaction) -> int:
            return sum(tx.execute("DELETE FROM memories WHERE id = ?", (each,)).rowcount for each in memory_ids)

        return await self.database.write(unit)

    async def pin(self, memory_id: MemoryId, *, pinned: bool) -> bool:
        return await self.database.write(lambda tx: memories.pin(tx, memory_id, pinned=pinned))

    async def expire_memories(self, at: datetime) -> int:
        return await self.database.write(
            lambda tx: tx.execute("DELETE FROM memories WHERE expires_at <= ?", (micros(at),)).rowcount
        )

    async def list_without_vector(self, space: str, *, limit: int) -> tuple[tuple[MemoryId, str], ...]:
        rows = await self.database.scan(memory_vectors.WITHOUT, {"space": space, "limit": limit})
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
