"""Searching memories: candidates by words and by vectors, fused into one ranking of what the record says is there."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from runtime.memory.fusion import fuse
from runtime.memory.records import Found, MemoryId, MemoryQuery, Place
from runtime.memory.weighing import ranked
from storage import memories
from storage.database import Database
from storage.memory_words import find_by_words
from storage.nearness import Nearness, Standing, standing_of

_CANDIDATES = 4  # for each memory that is asked for: weight may change their order
_FEWEST = 40


async def search(database: Database, nearness: Nearness, query: MemoryQuery, at: datetime) -> tuple[Found, ...]:
    """The best first. Costs one look into the record where the places hold nothing."""
    places = standing_of(database, query.places)
    if not places or query.limit < 1:
        return ()
    fits = await _find_candidates(database, nearness, query, places)
    rows = await database.scan(memories.READ, memories.read_parameters(fits.keys(), query.places, at, query.types))
    found = [memories.read_memory(row) for row in rows]
    scored = [Found(memory=memory, score=ranked(fits[memory.id], memory, at)) for memory in found]
    return tuple(sorted(scored, key=lambda each: (-each.score, -each.memory.id))[: query.limit])


async def _find_candidates(
    database: Database, nearness: Nearness, query: MemoryQuery, places: Mapping[Place, Standing]
) -> Mapping[MemoryId, float]:
    most = max(_CANDIDATES * query.limit, _FEWEST)
    by_words = find_by_words(database, query, live=sum(each.live for each in places.values()), most=most)
    if query.vector is None:
        return fuse(await by_words, None)
    by_vector = nearness.find_nearest(query.vector, places, types=query.types, most=most)
    return fuse(*await asyncio.gather(by_words, by_vector))
