"""What this machine can do at best: commits of one small row, one after another, with nothing around them."""

import sqlite3
import time
from pathlib import Path

from bench.figures import Figures, percentiles

_ROW = b"x" * 600


def commit_loop(folder: Path, *, commits: int) -> Figures:
    """Commits per second of a bare loop at synchronous=FULL, in the journal mode that everybody uses."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    seconds = []
    for _ in range(commits):
        start = time.perf_counter()
        connection.execute("INSERT INTO rows (body) VALUES (?)", (_ROW,))
        seconds.append(time.perf_counter() - start)
    connection.close()
    return {"commits_per_s": commits / sum(seconds)} | percentiles("commit", seconds)
