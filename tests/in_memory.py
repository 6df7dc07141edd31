"""Databases of tests in memory, where this machine has a file system there: on a disk, making, flushing and removing their
files is a tenth of the work of such a test.

Only what asks for its folder here is in memory, and ends with its test, also with one that failed: pytest alone, without
`python -m tests`, keeps that on the disk. Workspaces in which commands run stay there too: Mallard builds no sandbox around
a folder under /dev.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OFFERED = Path("/dev/shm")
_LEAST = 1 << 30  # bytes; all tests that run at a time need a thirtieth of it
_ROOT = "TESTS_IN_MEMORY"


@contextmanager
def offered() -> Iterator[None]:
    """Until the block ends, `in_memory` leads this process and its children into memory, if that can be."""
    if not _has_room():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="mallard-tests-", dir=_OFFERED, ignore_cleanup_errors=True) as root:
        os.environ[_ROOT] = root
        try:
            yield
        finally:
            del os.environ[_ROOT]


def in_memory(folder: Path) -> Path:
    """The folder in memory that belongs to this one of a test; the same again where nothing is in memory."""
    place = _place_of(folder)
    place.mkdir(parents=True, exist_ok=True)
    return place


def forget(folder: Path) -> None:
    """Remove what belongs to this folder in memory, if anything does."""
    if (place := _place_of(folder)) != folder:
        shutil.rmtree(place, ignore_errors=True)


def _place_of(folder: Path) -> Path:
    root = os.environ.get(_ROOT)
    return folder if not root or folder.is_relative_to(root) else Path(root, *folder.parts[1:])


def _has_room() -> bool:
    try:
        free = os.statvfs(_OFFERED)
    except OSError:
        return False
    return os.access(_OFFERED, os.W_OK) and free.f_bavail * free.f_frsize >= _LEAST
