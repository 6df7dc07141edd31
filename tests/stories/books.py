"""What the database of a city says, read beside those who write it."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from storage.events import verify_chain


class Worked(Struct, frozen=True, kw_only=True):
    """A run, as far as these stories ask."""

    id: int
    request: str
    status: str
    failure: str


class Judged(Struct, frozen=True, kw_only=True):
    """An approval, and who decided it how, where somebody did."""

    id: int
    run: int
    kind: str
    status: str
    verdict: str
    by: str


class Page(Struct, frozen=True, kw_only=True):
    """All of it at one moment. `answered` are the runs whose answer is said to stand; `decided` and `refused` count events."""

    runs: list[Worked]
    approvals: list[Judged]
    answered: set[int]
    decided: int
    refused: int
    faults_of_trail: list[str]


class Books:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, *, whole: bool) -> Page:
        """`whole` verifies the trail as well, which takes its time."""
        with self._open() as connection:
            runs = [
                Worked(id=row[0], request=row[1], status=row[2], failure=row[3]) for row in connection.execute(_RUNS)
            ]
            approvals = [
                Judged(id=row[0], run=row[1], kind=row[2], status=row[3], verdict=row[4], by=row[5])
                for row in connection.execute(_APPROVALS)
            ]
            answered = {row[0] for row in connection.execute(_ANSWERED)}
            counts = dict(connection.execute(_EVENTS).fetchall())
            faults = [str(fault) for fault in verify_chain(connection)] if whole else []
        return Page(
            runs=runs,
            approvals=approvals,
            answered=answered,
            decided=counts.get("approval_decided", 0),
            refused=counts.get("approval_refused", 0),
            faults_of_trail=faults,
        )

    def restless(self, spoken: Collection[str] = ()) -> list[tuple[Any, ...]]:
        """What is still to be heard of what was spoken, given by the platforms' ids, to be worked, decided or delivered."""
        with self._open() as connection:
            left = connection.execute(_RESTLESS).fetchall()
            heard = {row[0] for row in connection.execute(_HEARD)}
        return [*left, *(("message", each, "not heard", 0) for each in spoken if each not in heard)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=30)) as connection:
            connection.execute("BEGIN")
            yield connection


_RUNS = "SELECT id, request, status, failure FROM runs ORDER BY id"
_APPROVALS = """
SELECT a.id, a.run_id, a.kind, a.status, coalesce(d.verdict, ''), coalesce(d.name, '')
FROM approvals AS a LEFT JOIN decisions AS d ON d.approval_id = a.id ORDER BY a.id
"""
_ANSWERED = "SELECT run_id FROM deliveries WHERE kind = 'answer' AND status = 'sent'"
_EVENTS = "SELECT type, count(*) FROM events GROUP BY type"
_HEARD = "SELECT message_id FROM inbound"
_RESTLESS = """
SELECT 'run', id, status, attempts FROM runs WHERE status IN ('queued', 'running', 'waiting')
UNION ALL
SELECT 'delivery of ' || kind, id, status, attempts FROM deliveries WHERE status IN ('owed', 'sending', 'dead')
ORDER BY 1, 2
"""
