"""The installation's chain of heads as somebody keeps it elsewhere: how long it was, and the hash that it ended with.

Each head's hash is made from the one before it, so one kept head vouches for all that stood before it.
"""

import re
import sqlite3
from typing import Self

from msgspec import Struct

from storage.trails import GENESIS


class Head(Struct, frozen=True):
    """Where the chain ended at some moment; written `12:9f86d0…`."""

    count: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.count}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """What `str` wrote; None for anything else."""
        found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text.strip().lower())
        return None if found is None else cls(int(found[1]), bytes.fromhex(found[2]))


EMPTY = Head(0, GENESIS)


def find_newest_head(connection: sqlite3.Connection) -> Head:
    """Where the chain ends; EMPTY before anything came to rest."""
    row = connection.execute("SELECT n, hash FROM heads ORDER BY n DESC LIMIT 1").fetchone()
    return EMPTY if row is None else Head(*row)


def stands(connection: sqlite3.Connection, head: Head) -> bool:
    """Whether the chain still goes through a head that was kept."""
    if head == EMPTY:
        return True
    return (
        connection.execute("SELECT 1 FROM heads WHERE n = ? AND hash = ?", (head.count, head.hash)).fetchone()
        is not None
    )
