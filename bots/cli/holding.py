"""A conversation of the terminal is open in one place at a time, so that each answer appears where it was asked for."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bots.terminal.reception import USUAL, passing_name
from runtime.errors import MallardError


@contextmanager
def hold(database: Path, wanted: str | None, *, yields: bool) -> Iterator[str]:
    """Keep a conversation for this process until the block ends, however it ends. Yields the conversation's name.

    Without a wanted name it is the usual one; where that is open elsewhere, one of our own if this `yields`.
    Raises MallardError where the conversation is open elsewhere.
    """
    name = wanted or USUAL
    lock = _lock(database, name)
    if lock is None and wanted is None and yields:
        name = passing_name(os.getpid())
        lock = _lock(database, name)
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
    lock = _lock(database, name)
    if lock is not None:
        os.close(lock)
    return lock is not None


def _lock(database: Path, name: str) -> int | None:
    folder = database.with_name(f"{database.name}-terminals")
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / hashlib.sha256(name.encode()).hexdigest()[:16], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
