"""An empty record for the many tests that only need one: made once in a process, and laid down as a copy. Opening it
founds an installation as ever; only the migrations are not run again, nor waited for until they are on the disk."""

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from storage.migrate import migrate


def lay_blank(path: Path) -> None:
    """A database of this version with nothing in it, unless there is something already."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_blank())


@cache
def _blank() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blank.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, str(path))
        return path.read_bytes()
