"""`python -m bench.memories [SIZE …]`: what finding a memory costs among 1,000, 10,000 and 100,000, or as many as are named.

Everything is in one place, which is the most that a search can meet. A million is asked for by hand: `python -m bench.memories
1000000` takes an hour or more and four gigabytes of disk, nearly all of it to put them there.
"""

import argparse
import asyncio
import math
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.figures import Figures, percentiles
from runtime.memory.embedding.minilm import DIMENSIONS, SPACE
from runtime.memory.records import MemoryId, MemoryQuery, MemoryScope, MemoryType, NewMemory, Place, Vector
from runtime.records import UserRef
from runtime.signals import Signals
from storage.store import Store

SIZES = (1_000, 10_000, 100_000)
_SEARCHES, _AT_ONCE = 50, 500
_US, _SOMEBODY = Place(MemoryScope.TEAM), UserRef(platform="terminal", id="bench")
_NOW = datetime(2031, 4, 9, tzinfo=UTC)
_RANKS = math.log(50), math.log(50_000)  # what stands before are words as "the"


class _Now:
    def now(self) -> datetime:
        return _NOW


class _Chance:
    """Texts and questions whose words are as common and as rare as words are, the smallest aside; and vectors of unit length."""

    def __init__(self) -> None:
        self._words = random.Random(1)
        self._numbers = np.random.default_rng(1)

    def text(self, number: int) -> str:
        return f"{self.question(10)} thing{number}"

    def question(self, words: int = 6) -> str:
        return " ".join(f"word{int(math.exp(self._words.uniform(*_RANKS)))}" for _ in range(words))

    def vector(self) -> Vector:
        numbers = self._numbers.standard_normal(DIMENSIONS, np.float32)
        return Vector(space=SPACE, values=(numbers / np.linalg.norm(numbers)).astype("<f4").tobytes())


async def measure(size: int, folder: Path) -> Figures:
    """Fill a record and search it, first as a process does that has just begun, then again and again."""
    path, chance = folder / f"{size}.db", _Chance()
    async with Store(path, Signals(), _Now()) as store:
        began = time.perf_counter()
        await _fill(store, size, chance)
        figures: Figures = {"fill_s": time.perf_counter() - began}
    async with Store(path, Signals(), _Now()) as store:
        before = _rss_mb()
        queries = [(chance.question(), chance.vector()) for _ in range(_SEARCHES)]
        for way, with_words, with_vector in (("words", True, False), ("vectors", False, True), ("both", True, True)):
            first, *rest = [
                await _timed(store, text if with_words else "…", vector if with_vector else None)
                for text, vector in queries
            ]
            figures |= {f"{way}_first_ms": first * 1000} | percentiles(way, rest)
        figures |= {"rss_mb": _rss_mb() - before, "disk_mb": sum(each.stat().st_size for each in _files(path)) / 1e6}
    return figures


async def _fill(store: Store, size: int, chance: _Chance) -> None:
    numbers = iter(range(size))
    while some := list(islice(numbers, _AT_ONCE)):
        new = [
            NewMemory(text=chance.text(number), place=_US, type=MemoryType.FACT, importance=0.5, said_by=_SOMEBODY)
            for number in some
        ]
        kept = await asyncio.gather(*(store.remember(each, _NOW) for each in new))
        vectors: dict[MemoryId, Vector] = {each.id: chance.vector() for each in kept}
        await store.keep_vectors(vectors)


async def _timed(store: Store, text: str, vector: Vector | None) -> float:
    query = MemoryQuery(text=text, places=frozenset({_US}), vector=vector)
    began = time.perf_counter()
    await store.search_memories(query, _NOW)
    return time.perf_counter() - began


def _files(path: Path) -> Iterator[Path]:
    return (each for each in path.parent.rglob(f"{path.name}*") if each.is_file())


def _rss_mb() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memories", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES, metavar="SIZE")
    table = Table("memories", "found by", "first search", "p50 ms", "p99 ms", "memory held", "on disk", "filled in")
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
            found = asyncio.run(measure(size, Path(folder)))
        for way in ("words", "vectors", "both"):
            of_size = way == "words"
            table.add_row(
                f"{size:,}" if of_size else "", way, f"{found[f'{way}_first_ms']:,.1f} ms",
                f"{found[f'{way}_p50_ms']:,.1f}", f"{found[f'{way}_p99_ms']:,.1f}",
                f"{found['rss_mb']:,.0f} MB" if of_size else "", f"{found['disk_mb']:,.0f} MB" if of_size else "",
                f"{found['fill_s']:,.0f} s" if of_size else "",
            )  # fmt: skip
        table.add_section()
    console = Console(width=110)
    console.print(table)
    console.print(f"{_SEARCHES} searches each, in one place; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
