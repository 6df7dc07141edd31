"""Implements `runtime.memory.ports.Memories`: each verb hands its request to the unit of work that knows how."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from runtime.memory.records import Found, Kept, Memory, MemoryId, MemoryQuery, NewMemory, Place, Vector
from storage import memories, memory_vectors, merging
from storage.encoding import micros
from storage.nearness import HELD, Nearness, standing_of
from storage.opened import Opened
from storage.searching import search
from storage.transaction import Transaction


class Remembering(Opened):
    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._nearness = Nearness(self.database)

    async def remember(self, new: NewMemory, at: datetime, *, vector: Vector | None = None) -> Kept:
        alike = () if vector is None else await self._find_alike(vector, new.place)
        return await self.database.write(lambda tx: merging.remember(tx, new, at, vector=vector, alike=alike))

    async def _find_alike(self, vector: Vector, place: Place) -> tuple[MemoryId, ...]:
        places = standing_of(self.database, [place])
        if sum(each.live for each in places.values()) > HELD:  # not worth reading them all
            return ()
        nearest = await self._nearness.find_nearest(vector, places, most=merging.CANDIDATES)
        return tuple(hit.id for hit in nearest or () if hit.score >= merging.ALIKE)

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

    def list_without_vector(self, space: str, *, limit: int) -> tuple[tuple[MemoryId, str], ...]:
        return memory_vectors.list_without_vector(self.database.reader, space, limit)

    async def keep_vectors(self, vectors: Mapping[MemoryId, Vector]) -> int:
        return await self.database.write(lambda tx: memory_vectors.keep_vectors(tx, vectors))

    async def drop_other_vectors(self, space: str, *, limit: int = 1000) -> int:
        return await self.database.write(lambda tx: memory_vectors.drop_other_vectors(tx, space, limit))
