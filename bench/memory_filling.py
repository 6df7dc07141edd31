"""A record with very many memories in it, put there many to a transaction: as they stand, without asking which say the same."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.made_up import MadeUp
from runtime.memory.embedding.minilm import SPACE
from runtime.memory.records import MemoryQuery, MemoryScope, MemoryType, NewMemory, Place, Vector
from runtime.records import UserRef
from runtime.signals import Signals
from storage import memories, memory_vectors
from storage.nearness import Nearness, standing_of
from storage.searching import search
from storage.store import Store
from storage.transaction import Transaction

US, NOW = Place(MemoryScope.TEAM), datetime(2031, 4, 9, tzinfo=UTC)
_SOMEBODY = UserRef(platform="terminal", id="bench")
_AT_ONCE = 20_000
_SAMPLES = 20
FOUND = 10  # memories that a search asks for


class Now:
    def now(self) -> datetime:
        return NOW


async def grow(path: Path, size: int) -> float:
    """Let a record grow to so many, and say how many seconds it took.

    Raises AssertionError where the product does not find in it what was put there.
    """
    async with Store(path, Signals(), Now()) as store:
        before = _count(store)
        samples, began = dict[int, Vector](), time.perf_counter()
        for first in range(before, size, _AT_ONCE):
            made_up, count = MadeUp(seed=first), min(_AT_ONCE, size - first)
            texts, vectors = made_up.texts(first, count), made_up.vectors(count)
            await store.database.write(partial(_keep, texts=texts, vectors=vectors))
            samples |= {first + number: vectors[number] for number in range(0, count, max(1, size // _SAMPLES))}
        grown_in = time.perf_counter() - began
        await _check(store, size, samples)
    return grown_in


def _count(store: Store) -> int:
    standing = standing_of(store.database, [US]).get(US)
    return 0 if standing is None else standing.live


def _keep(tx: Transaction, *, texts: Sequence[str], vectors: Sequence[Vector]) -> None:
    for text, vector in zip(texts, vectors, strict=True):
        new = NewMemory(text=text, place=US, type=MemoryType.FACT, importance=0.5, said_by=_SOMEBODY)
        memory_vectors.keep_vector(tx, memories.insert_memory(tx, new, NOW), vector)


async def _check(store: Store, size: int, samples: dict[int, Vector]) -> None:
    """Everything is counted, nothing lacks a vector, and each sample is found by its own word and by its own vector."""
    assert _count(store) == size, f"the record counts {_count(store)} memories in place of {size}"
    assert await store.list_without_vector(SPACE, limit=1) == ()
    exact = Nearness(store.database, held=size)
    for number, vector in samples.items():
        for query in (query_of(f"thing{number}", None), query_of("…", vector)):
            found = await search(store.database, exact, query, NOW)
            assert [each.memory.text.rpartition(" ")[2] for each in found[:1]] == [f"thing{number}"], query.text
    await exact.close()


def query_of(text: str, vector: Vector | None) -> MemoryQuery:
    return MemoryQuery(text=text, places=frozenset({US}), vector=vector, limit=FOUND)
