"""A conversation of the terminal is open in one place at a time, so that each answer appears where it was asked for."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bots.terminal.reception import USUAL, passing_name
from runtime.errors import MallardError

_LOOKS, _LOOK_S = 5, 0.01  # another process may only be looking whether it is free


@contextmanager
def hold(database: Path, wanted: str | None, *, yields: bool) -> Iterator[str]:
    """Keep a conversation for this process until the block ends, however it ends. Yields the conversation's name.

    Without a wanted name it is the usual one; where that is open elsewhere, one of our own if this `yields`.
    Raises MallardError where the conversation is open elsewhere.
    """
    name = wanted or USUAL
    lock = _hold(_file(database, name))
    if lock is None and wanted is None and yields:
        name = passing_name(os.getpid())
        lock = _hold(_file(database, name))
    if lock is None:
        raise MallardError(
            f"The conversation {name!r} is open in another window. Leave it there, or open another one here: "
            "mallard chat --conversation NAME."
        )
    try:
        yield name
    finally:
        os.close(lock)


def is_free(database: Path, name: str) -> bool:
    """Whether no process has this conversation open now."""
    return _is_free(_file(database, name))


def is_any_open(database: Path) -> bool:
    """Whether some process has a conversation open: it works on the runs of all of them."""
    folder = _folder(database)
    return any(not _is_free(lock) for lock in folder.iterdir()) if folder.exists() else False


def _is_free(file: Path) -> bool:
    lock = _lock(file, fcntl.LOCK_SH)
    if lock is not None:
        os.close(lock)
    return lock is not None


def _hold(file: Path) -> int | None:
    for _ in range(_LOOKS):
        if (lock := _lock(file, fcntl.LOCK_EX)) is not None:
            return lock
        time.sleep(_LOOK_S)
    return None


def _folder(database: Path) -> Path:
    return database.with_name(f"{database.name}-terminals")


def _file(database: Path, name: str) -> Path:
    folder = _folder(database)
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / hashlib.sha256(name.encode()).hexdigest()[:16]


def _lock(file: Path, kind: int) -> int | None:
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
