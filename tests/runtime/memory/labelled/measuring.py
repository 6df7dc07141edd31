"""How well a labelled set is found: by words, by vectors, and by both together."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct

from runtime.memory.embedding.minilm import MiniLM
from runtime.memory.records import MemoryQuery, MemoryScope, NewMemory, Place, Vector
from runtime.records import UserRef
from storage.store import Store
from tests.runtime.memory.labelled.reading import LabelledMemory, LabelledQuery, LabelledSet

WORDS, VECTORS, BOTH = "words", "vectors", "both"
_PLACE = Place(MemoryScope.TEAM)
_NOW = datetime(2031, 4, 9, 12, tzinfo=UTC)
_DEPTH = 20  # whoever comes later counts as not found


class Quality(Struct, frozen=True, kw_only=True):
    """How often what is wanted came first, or among the first five; and the mean of one divided by its rank."""

    recall_1: float
    recall_5: float
    mrr: float


Ranks = Mapping[str, Mapping[LabelledQuery, int | None]]


async def rank_labelled(labelled: LabelledSet, store: Store, model: MiniLM) -> Ranks:
    """For each way of searching, where each question finds what it wants: 1 is the best, None is nowhere."""
    vectors = _vectors_of(model, [memory.text for memory in labelled.memories])
    names = {}
    for memory, vector in zip(labelled.memories, vectors, strict=True):
        new = NewMemory(
            text=memory.text,
            place=_PLACE,
            type=memory.type,
            importance=0.5,
            said_by=UserRef(platform="terminal", id="us"),
        )
        kept = await store.remember(new, _NOW, vector=vector)
        assert not kept.merged, memory.text
        names[kept.id] = memory.name
    asked = dict(zip(labelled.queries, _vectors_of(model, [each.text for each in labelled.queries]), strict=True))

    async def found(query: LabelledQuery, vector: Vector | None) -> list[str]:
        wanted = MemoryQuery(text=query.text, places=frozenset({_PLACE}), vector=vector, limit=_DEPTH)
        return [names[each.memory.id] for each in await store.search_memories(wanted, _NOW)]

    return {
        WORDS: {query: _rank(await found(query, None), query.wants) for query in asked},
        VECTORS: {
            query: _rank(_nearest(vector, vectors, labelled.memories), query.wants) for query, vector in asked.items()
        },
        BOTH: {query: _rank(await found(query, vector), query.wants) for query, vector in asked.items()},
    }


def quality(ranks: Mapping[LabelledQuery, int | None], of: Callable[[LabelledQuery], bool] = lambda _: True) -> Quality:
    counted = [rank for query, rank in ranks.items() if of(query)]
    return Quality(
        recall_1=statistics.fmean(rank == 1 for rank in counted),
        recall_5=statistics.fmean(rank is not None and rank <= 5 for rank in counted),
        mrr=statistics.fmean(1 / rank if rank else 0 for rank in counted),
    )


def _vectors_of(model: MiniLM, texts: Sequence[str]) -> list[Vector]:
    return [vector for start in range(0, len(texts), 8) for vector in model.embed(texts[start : start + 8])]


def _nearest(vector: Vector, vectors: Sequence[Vector], memories: Sequence[LabelledMemory]) -> list[str]:
    matrix = np.frombuffer(b"".join(each.values for each in vectors), "<f4").reshape(len(vectors), -1)
    nearness = matrix @ np.frombuffer(vector.values, "<f4")
    return [memories[number].name for number in np.argsort(-nearness)[:_DEPTH]]


def _rank(found: Sequence[str], wanted: str) -> int | None:
    return found.index(wanted) + 1 if wanted in found else None
