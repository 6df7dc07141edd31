"""Which memories of some places are nearest to a vector: exact, in memory, and as the record stands.

The vectors of a place stay in memory from one search to the next. What came since is read from the record; where something
went, all of the place is read again. A place with too many has an index (`storage/vector_index.py`). What is found here is
a candidate, no more: the query that reads the memories themselves names the places once again. Needs numpy; without it,
nothing is ever near.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import cache
from heapq import nlargest
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct, field

from runtime.chores import Chores
from runtime.memory.fusion import Hit
from runtime.memory.records import MemoryId, MemoryScope, MemoryType, Place, Vector
from storage import memory_vectors
from storage.database import Database
from storage.vector_index import IndexedPlace, VectorIndex, VectorIndexes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from storage.vector_index import Added

    Matrix: TypeAlias = NDArray[np.float32]
    Ids: TypeAlias = NDArray[np.int64]
    Types: TypeAlias = NDArray[np.uint8]

HELD = 200_000  # vectors kept in memory, all places together: 300 MB at 384 dimensions
_UNINDEXED = 0.1  # of what may be held: once more came than that, an index is made anew
_CANDIDATES = 16  # of an index, for each memory that is looked for: it compares roughly, and knows no types
_TYPES = {type_.value: number for number, type_ in enumerate(MemoryType)}


class Standing(Struct, frozen=True):
    """How a place stands: how many memories can be found there, and a number that changes when a vector goes."""

    live: int
    thinned: int


def standing_of(database: Database, places: Collection[Place]) -> Mapping[Place, Standing]:
    """Those of the places where there is anything to be found."""
    rows = database.read_rows(memory_vectors.STANDING, {"places": memory_vectors.places_parameter(places)})
    return {Place(MemoryScope(scope), subject): Standing(live, thinned) for scope, subject, live, thinned in rows}


class _Block(Struct):
    """Vectors side by side, with the memories that they belong to."""

    ids: "Ids"
    types: "Types"
    vectors: "Matrix"


class _Shelf(Struct):
    """The vectors of a place in one space, as of the newest one that it has."""

    thinned: int
    newest: int = 0
    blocks: list[_Block] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __len__(self) -> int:
        return sum(len(block.ids) for block in self.blocks)


class Nearness:
    """Use from one event loop. `held`: how many vectors stay in memory between searches."""

    def __init__(self, database: Database, *, held: int = HELD) -> None:
        self._database = database
        self._held = held
        self._shelves: OrderedDict[tuple[Place, str, int], _Shelf] = OrderedDict()
        self._indexes = VectorIndexes(database.path.with_name(database.path.name + "-vectors"))
        self._making = set[IndexedPlace]()
        self._chores = Chores("nearness")

    async def find_nearest(
        self,
        vector: Vector,
        places: Mapping[Place, Standing],
        *,
        types: frozenset[MemoryType] | None = None,
        most: int,
    ) -> tuple[Hit, ...] | None:
        """The nearest first, with their cosines; None where vectors cannot be compared here, for want of numpy."""
        np = await asyncio.to_thread(_numpy)
        if np is None:
            return None
        wanted, hits = np.frombuffer(vector.values, dtype="<f4"), list[Hit]()
        for place, standing in places.items():
            async for blocks in self._blocks(place, standing, vector, most):
                hits += await asyncio.to_thread(_nearest, wanted, blocks, types, most)
        self._put_away(keep=len(places))
        return tuple(nlargest(most, hits, key=lambda hit: hit.score))

    def forget(self) -> None:
        """Nothing that was removed from the record is left in an index. Blocks."""
        self._indexes.remove_all()

    async def close(self, *, patience: float = 0) -> None:
        """An index that is not finished within so many seconds is begun anew the next time."""
        await self._chores.finish(patience)

    async def _blocks(
        self, place: Place, standing: Standing, vector: Vector, most: int
    ) -> AsyncIterator[Sequence[_Block]]:
        if standing.live <= self._held:
            yield (await self._shelf(place, standing, vector)).blocks
            return
        indexed, after, unindexed = IndexedPlace.of(place, vector, standing.thinned), 0, 0
        if (index := await asyncio.to_thread(self._indexes.find, indexed)) is not None:
            after = index.newest
            yield await self._find_indexed(place, vector, index, most)
        async for _, block in self._read(place, vector, after=after):
            unindexed += len(block.ids)
            yield [block]
        if unindexed > self._held * _UNINDEXED and indexed not in self._making:
            self._making.add(indexed)
            self._chores.spawn(self._make_index(indexed, vector, after), f"index {indexed.stem}")

    async def _find_indexed(self, place: Place, vector: Vector, index: VectorIndex, most: int) -> list[_Block]:
        import numpy as np

        wanted = np.frombuffer(vector.values, dtype="<f4")
        ids = await asyncio.to_thread(index.find_candidates, wanted, most * _CANDIDATES)
        rows = list(
            await self._database.scan(memory_vectors.THESE, memory_vectors.these_parameters(place, vector, ids))
        )
        return [_block_of(rows)] if rows else []

    async def _make_index(self, indexed: IndexedPlace, vector: Vector, after: int) -> None:
        """From the vectors of the place; `vector` is one that they can be compared with."""

        async def added() -> AsyncIterator["Added"]:
            async for newest, block in self._read(indexed.place, vector, after=after):
                yield newest, block.ids, block.vectors

        def is_current() -> bool:
            standing = standing_of(self._database, [indexed.place]).get(indexed.place)
            return standing is not None and standing.thinned == indexed.thinned

        try:
            await self._indexes.extend(indexed, added(), is_current=is_current)
        finally:
            self._making.discard(indexed)

    async def _shelf(self, place: Place, standing: Standing, vector: Vector) -> _Shelf:
        key = (place, vector.space, len(vector.values))
        shelf = self._shelves.get(key)
        if shelf is None or shelf.thinned != standing.thinned:
            shelf = self._shelves[key] = _Shelf(standing.thinned)
        self._shelves.move_to_end(key)
        async with shelf.lock:
            if self._has_news(place, vector, shelf.newest):
                async for newest, block in self._read(place, vector, after=shelf.newest):
                    shelf.blocks.append(block)
                    shelf.newest = newest
                shelf.blocks = await asyncio.to_thread(_side_by_side, shelf.blocks)
        return shelf

    def _has_news(self, place: Place, vector: Vector, after: int) -> bool:
        parameters = memory_vectors.news_parameters(place, vector, after=after, most=1)
        return self._database.read_row(memory_vectors.ANY_NEWS, parameters) is not None

    async def _read(self, place: Place, vector: Vector, *, after: int) -> AsyncIterator[tuple[int, _Block]]:
        """What came after, block by block, each with the number of its newest vector."""
        while True:
            parameters = memory_vectors.news_parameters(place, vector, after=after)
            rows = list(await self._database.scan(memory_vectors.NEWS, parameters))
            if not rows:
                return
            after = rows[-1][0]
            yield after, await asyncio.to_thread(_block_of, rows)

    def _put_away(self, *, keep: int) -> None:
        """Let go of what was used longest ago until no more is held than may be; what was just used stays."""
        while len(self._shelves) > keep and sum(map(len, self._shelves.values())) > self._held:
            self._shelves.popitem(last=False)


@cache
def _numpy() -> ModuleType | None:
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def _block_of(rows: Sequence[tuple[Any, ...]]) -> _Block:
    import numpy as np

    _, ids, types, vectors = zip(*rows, strict=True)
    return _Block(
        ids=np.array(ids, dtype=np.int64),
        types=np.array([_TYPES[type_] for type_ in types], dtype=np.uint8),
        vectors=np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(rows), -1),
    )


def _side_by_side(blocks: Sequence[_Block]) -> list[_Block]:
    """The same with fewer blocks, where they are small: one multiplication is quicker than many."""
    import numpy as np

    small = [block for block in blocks if len(block.ids) < memory_vectors.BLOCK]
    if len(small) < 2:
        return list(blocks)
    whole = _Block(
        ids=np.concatenate([block.ids for block in small]),
        types=np.concatenate([block.types for block in small]),
        vectors=np.concatenate([block.vectors for block in small]),
    )
    return [*(block for block in blocks if len(block.ids) >= memory_vectors.BLOCK), whole]


def _nearest(wanted: "Matrix", blocks: Sequence[_Block], types: frozenset[MemoryType] | None, most: int) -> list[Hit]:
    import numpy as np

    hits = list[Hit]()
    for block in blocks:
        cosines = np.vecdot(block.vectors, wanted)  # `@` shares the work out to threads, and waits for busy cores
        if types is not None:
            cosines[~np.isin(block.types, [_TYPES[type_] for type_ in types])] = -np.inf
        best = np.argpartition(-cosines, most)[:most] if len(cosines) > most else np.arange(len(cosines))
        hits += [Hit(MemoryId(int(block.ids[i])), float(cosines[i])) for i in best if np.isfinite(cosines[i])]
    return nlargest(most, hits, key=lambda hit: hit.score)
