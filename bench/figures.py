"""Numbers of one workload, and how they are taken."""

import resource
import sqlite3
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.disk import Disk

Figures = dict[str, Any]


def percentiles(name: str, seconds: Sequence[float]) -> Figures:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return {f"{name}_p50_ms": statistics.median(ordered) * 1000, f"{name}_p99_ms": last * 1000}


class Meter:
    """Counts from its making on: time, processor, flushes."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._flushes = disk.flushes
        self._cpu = time.process_time()
        self._start = time.perf_counter()

    def read(self, runs: int) -> Figures:
        seconds = time.perf_counter() - self._start
        return {
            "runs": runs,
            "seconds": seconds,
            "runs_per_s": runs / seconds,
            "cpu_ms": (time.process_time() - self._cpu) * 1000 / runs,
            "fsyncs": (self._disk.flushes - self._flushes) / runs,
        }


def rss_mb() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bytes_on_disk(folder: Path) -> int:
    """The size of all databases of a folder after a checkpoint. Nobody may have them open."""
    for path in sorted(folder.rglob("*.db")):
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return sum(path.stat().st_size for path in folder.rglob("*.db*") if path.is_file())
