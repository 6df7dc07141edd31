"""Which worker processes live: each holds a file lock for as long as it does, so a killed one is known at once.

Where locks cannot be had (another host, an odd file system), a worker that fell silent for longer than a lease counts
as dead too.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from storage.encoding import micros
from storage.transaction import Transaction


class WorkerLock:
    """This process's sign of life: a lock on a file beside the database, held until it is closed or the process ends."""

    def __init__(self, folder: Path, worker_id: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = _lock_of(folder, worker_id)
        # It takes its name once it is held: a worker that is just starting must not look like a dead one.
        starting = folder / f"starting-{worker_id}"
        self._file: IO[str] = starting.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        starting.rename(self._path)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._file.close()


def find_dead_locks(folder: Path, *, but: int) -> frozenset[int]:
    """The workers whose process is gone: their file is there, and nobody holds it."""
    return frozenset(number for number in _locked(folder, but=but) if not _is_held(_lock_of(folder, number)))


def are_others_alive(folder: Path, *, but: int) -> bool:
    """Whether any other process has the database open, whatever it does there."""
    return any(_is_held(_lock_of(folder, number)) for number in _locked(folder, but=but))


def _locked(folder: Path, *, but: int) -> Iterator[int]:
    for name in os.listdir(folder) if folder.exists() else ():
        kind, _, number = name.partition("-")
        if kind == "worker" and number.isdecimal() and int(number) != but:
            yield int(number)


def _lock_of(folder: Path, worker: int) -> Path:
    return folder / f"worker-{worker}"


def forget_locks(folder: Path, workers: frozenset[int]) -> None:
    """Remove the files of dead workers, once what they left was taken back."""
    for worker in workers:
        with contextlib.suppress(OSError):
            _lock_of(folder, worker).unlink()


def _is_held(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return True  # gone or not ours: its worker left by itself, or we cannot tell
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def register(tx: Transaction, at: datetime) -> int:
    """A worker id that nobody had before."""
    return tx.insert("INSERT INTO workers (started_at, seen_at) VALUES (?, ?)", (micros(at), micros(at)))


def find_silent(tx: Transaction, since: datetime, *, but: int) -> frozenset[int]:
    """Workers that still hold something and were not seen since then."""
    return frozenset(row[0] for row in tx.execute(_SILENT, {"since": micros(since), "but": but}))


_SILENT = """
SELECT id FROM workers
WHERE seen_at < :since AND id <> :but
  AND (id IN (SELECT worker_id FROM runs WHERE status = 'running')
       OR id IN (SELECT worker_id FROM deliveries WHERE worker_id IS NOT NULL)
       OR id IN (SELECT worker_id FROM afterthoughts WHERE status = 'running'))
"""
