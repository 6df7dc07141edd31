"""`python -m bench.memories [--sizes SIZE …]`: what finding a memory costs among 1,000 and among 1,000,000.

All are in one place, which is the most that a search can meet. One record grows from size to size; every line is measured in
a process of its own that has just opened it. Up to 200,000 take five minutes; a million takes an hour, most of it to make the
index of vectors, and three gigabytes of disk.
"""

import argparse
import asyncio
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from bench.memory_filling import grow
from bench.memory_searches import BOTH, VECTORS, WORDS, Indexing, Searches, index_folder, time_indexing, time_searches
from storage.nearness import HELD

SIZES = (1_000, 10_000, 100_000, 200_000, 250_000, 1_000_000)

T = TypeVar("T")
Line = tuple[str, ...]


def measure(path: Path, size: int) -> Iterator[Line]:
    """The lines of one size, each once it is known."""
    grown_in = _apart(grow, path, size)
    words = _apart(time_searches, path, WORDS)
    yield f"{size:,}", *_line(WORDS, words), f"{path.stat().st_size / 1e6:,.0f} MB", f"{grown_in:,.0f} s"
    if size <= HELD:
        yield "", *_line(VECTORS, _apart(time_searches, path, VECTORS)), "", ""
    else:
        yield from _measure_index(path, size)
    yield "", *_line(BOTH, _apart(time_searches, path, BOTH)), "", ""


def _measure_index(path: Path, size: int) -> Iterator[Line]:
    """Beside what the product does: what it would be to hold all vectors, which says how good the index is."""
    exact = _apart(partial(time_searches, held=size), path, VECTORS)
    yield "", *_line("vectors, all held", exact), "", ""
    shutil.rmtree(index_folder(path), ignore_errors=True)
    indexing: Indexing = _apart(time_indexing, path)
    yield "", "vectors, no index yet", f"{indexing.first_ms:,.1f}", "", "", f"{indexing.held_mb:,.0f} MB", "", "", ""
    indexed = _apart(time_searches, path, VECTORS)
    recall = f"{indexed.recall(exact):.3f}"
    yield "", *_line("vectors, by index", indexed, recall), f"{indexing.disk_mb:,.0f} MB", f"{indexing.made_s:,.0f} s"


def _line(way: str, took: Searches, recall: str = "") -> Line:
    times = (f"{ms:,.1f}" for ms in (took.first_ms, took.p50_ms, took.p99_ms))
    return way, *times, f"{took.held_mb:,.0f} MB", recall


def _apart(work: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
    """Do it in a process that has done nothing before."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_run, work, *arguments).result()


def _run(work: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
    return asyncio.run(work(*arguments))


def _measure_all(sizes: Iterable[int], progress: Console) -> Table:
    table = Table(
        "memories", "found by", "first ms", "p50 ms", "p99 ms", "process holds", "recall@10", "on disk", "made in"
    )
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        for size in sizes:
            for line in measure(Path(folder) / "mallard.db", size):
                progress.print("  ".join(filter(None, line)))
                table.add_row(*line)
            table.add_section()
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memories", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="SIZE", help="smaller ones go first")
    asked, before = parser.parse_args(), os.getloadavg()[0]
    table = _measure_all(sorted(set(asked.sizes)), Console(stderr=True, highlight=False))
    console = Console(width=130)
    console.print(table)
    console.print(
        "100 searches each for 10 memories, in one place, from the file cache; the record grows from size to size;"
        f" load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    )


if __name__ == "__main__":
    main()
