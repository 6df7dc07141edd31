"""Files that nobody else on this machine can read."""

import contextlib
import os
from pathlib import Path


def make_private(path: Path) -> None:
    """An empty file for its owner alone, where there is none yet: SQLite takes it for a new database, and gives what it puts
    beside it the same mode. Where the file cannot be made, SQLite says why. Raises OSError where its folder cannot."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
