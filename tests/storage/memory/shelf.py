"""A store with an embedder beside it, and short words for what tests do to its memories."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from runtime.memory.records import Kept, Memory, MemoryId, MemoryQuery, MemoryScope, MemoryType, NewMemory, Place
from runtime.signals import Signals
from storage.store import Store
from tests.storage.blank import lay_blank
from tests.storage.desk import ALICE, BOB, Clock
from tests.storage.memory.embedding import BagOfWords

HERS = Place(MemoryScope.PERSON, str(ALICE))
HIS = Place(MemoryScope.PERSON, str(BOB))
CHANNEL = Place(MemoryScope.CONVERSATION, "slack:T1/C1")
OURS = Place(MemoryScope.TEAM)


def fact(text: str, place: Place = HERS, **changes: Any) -> NewMemory:
    given: dict[str, Any] = {"type": MemoryType.FACT, "importance": 0.5, "said_by": ALICE}
    return NewMemory(text=text, place=place, **(given | changes))


class Shelf(Struct, kw_only=True):
    """`embedder` None: nothing here has a vector."""

    store: Store
    clock: Clock
    embedder: BagOfWords | None = field(default_factory=BagOfWords)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def keep(self, text: str, place: Place = HERS, **changes: Any) -> Kept:
        vector = None if self.embedder is None else self.embedder.vector_of(text)
        return await self.store.remember(fact(text, place, **changes), self.now, vector=vector)

    async def remember(self, text: str, place: Place = HERS, **changes: Any) -> MemoryId:
        return (await self.keep(text, place, **changes)).id

    async def find(
        self, text: str, *places: Place, limit: int = 8, types: Iterable[MemoryType] | None = None
    ) -> list[str]:
        """The texts that a search finds, best first."""
        query = MemoryQuery(
            text=text,
            places=frozenset(places or {HERS}),
            vector=None if self.embedder is None else self.embedder.vector_of(text),
            types=None if types is None else frozenset(types),
            limit=limit,
        )
        return [found.memory.text for found in await self.store.search_memories(query, self.now)]

    async def texts(self, *places: Place, retired: bool = False) -> list[str]:
        listed = await self.store.list_memories(frozenset(places or {HERS}), self.now, retired=retired, limit=1000)
        return [memory.text for memory in listed]

    def memory(self, memory_id: MemoryId) -> Memory:
        found = self.store.find_memory(memory_id)
        assert found is not None, f"memory {memory_id} is not there"
        return found


@asynccontextmanager
async def open_shelf(path: Path, *, embedder: BagOfWords | None = None) -> AsyncIterator[Shelf]:
    clock = Clock()
    lay_blank(path)
    async with Store(path, Signals(), clock) as store:
        yield Shelf(store=store, clock=clock, embedder=embedder)
