"""Implements `runtime.memory.ports.Memories`: each verb hands its request to the unit of work that knows how."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from runtime.memory.records import Found, Kept, Memory, MemoryId, MemoryQuery, NewMemory, Place, Vector
from storage import memories, memory_vectors
from storage.encoding import micros
from storage.opened import Opened
from storage.transaction import Transaction


class Remembering(Opened):
    async def remember(self, new: NewMemory, at: datetime, *, vector: Vector | None = None) -> Kept:
        return await self.database.write(lambda tx: memories.remember(tx, new, at, vector=vector))

    def find_memory(self, memory_id: MemoryId) -> Memory | None:
        return memories.find_memory(self.database.reader, memory_id)

    def has_memories(self, places: frozenset[Place]) -> bool:
        parameters = {"places": memories.places_parameter(places)}
        return self.database.read_row(memories.HAS, parameters) is not None

    async def search_memories(self, query: MemoryQuery, at: datetime) -> tuple[Found, ...]:
        parameters = memories.search_parameters(query, at)
        return () if parameters is None else memories.read_found(await self.database.scan(memories.SEARCH, parameters))

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
            "places": memories.places_parameter(places),
            "at": micros(at),
            "retired": retired,
            "before": before,
            "limit": limit,
        }
        return tuple(memories.read_memory(row) for row in await self.database.scan(memories.LIST, parameters))

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

    async def list_without_vector(
        self, space: str, *, limit: int, before: MemoryId | None = None
    ) -> tuple[tuple[MemoryId, str], ...]:
        parameters = {"space": space, "limit": limit, "before": before}
        rows = await self.database.scan(memory_vectors.LIST_WITHOUT, parameters)
        return memory_vectors.read_texts(rows)

    async def keep_vectors(self, vectors: Mapping[MemoryId, Vector]) -> int:
        return await self.database.write(lambda tx: memory_vectors.keep_vectors(tx, vectors))

    async def drop_other_vectors(self, space: str) -> int:
        return await self.database.write(lambda tx: memory_vectors.drop_other_vectors(tx, space))
