"""One process that searches a record of very many memories, as one does that has just begun."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import percentiles
from bench.made_up import MadeUp
from bench.memory_filling import FOUND, NOW, Now, query_of
from runtime.memory.records import MemoryId, MemoryQuery
from runtime.signals import Signals
from storage.nearness import HELD, Nearness
from storage.searching import search
from storage.store import Store

WORDS, VECTORS, BOTH = "words", "vectors", "both"
_SEARCHES = 100
_PATIENCE = 3_600  # seconds for an index


@dataclass(frozen=True, slots=True, kw_only=True)
class Searches:
    """What searching took, and which memories each search found."""

    first_ms: float
    p50_ms: float
    p99_ms: float
    held_mb: float
    found: tuple[tuple[MemoryId, ...], ...]

    def recall(self, exact: "Searches") -> float:
        """Which part of what an exact search finds is found here as well."""
        both = [len({*here} & {*there}) for here, there in zip(self.found, exact.found, strict=True)]
        return sum(both) / (FOUND * len(both))


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexing:
    """What the first search took that met no index, and what making it took."""

    first_ms: float
    made_s: float
    held_mb: float
    disk_mb: float


async def time_searches(path: Path, way: str, *, held: int = HELD) -> Searches:
    """Search in a record that is all in the file cache; `held` is how many vectors the process may keep in memory."""
    took, found, queries = list[float](), list[tuple[MemoryId, ...]](), _queries(way)
    before = _rss_mb()
    async with Store(path, Signals(), Now()) as store, _opened(store, held) as nearness:
        for query in queries:
            began = time.perf_counter()
            memories = await search(store.database, nearness, query, NOW)
            took.append(time.perf_counter() - began)
            found.append(tuple(each.memory.id for each in memories))
        held_mb = _rss_mb() - before
    first, *rest = took
    figures = percentiles("", rest)
    return Searches(
        first_ms=first * 1000,
        p50_ms=figures["_p50_ms"],
        p99_ms=figures["_p99_ms"],
        held_mb=held_mb,
        found=tuple(found),
    )


async def time_indexing(path: Path) -> Indexing:
    """Search once where there is no index, and wait for the one that this begins to make."""
    query, before = _queries(VECTORS)[0], _rss_mb()
    async with Store(path, Signals(), Now()) as store:
        nearness = Nearness(store.database)
        began = time.perf_counter()
        await search(store.database, nearness, query, NOW)
        searched = time.perf_counter()
        await nearness.close(patience=_PATIENCE)
        made = time.perf_counter()
        held_mb = _rss_mb() - before
    (file,) = index_folder(path).glob("*")
    return Indexing(
        first_ms=(searched - began) * 1000, made_s=made - searched, held_mb=held_mb, disk_mb=file.stat().st_size / 1e6
    )


def index_folder(path: Path) -> Path:
    return path.with_name(path.name + "-vectors")


@asynccontextmanager
async def _opened(store: Store, held: int) -> AsyncIterator[Nearness]:
    nearness = Nearness(store.database, held=held)
    try:
        yield nearness
    finally:
        await nearness.close()


def _queries(way: str) -> list[MemoryQuery]:
    made_up = MadeUp(seed=-1 % 2**32)
    asked = zip(made_up.questions(_SEARCHES), made_up.vectors(_SEARCHES), strict=True)
    return [query_of("…" if way == VECTORS else text, None if way == WORDS else vector) for text, vector in asked]


def _rss_mb() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
