"""What is removed must not lie about in the file: `secure_delete` overwrites a row that goes, but not the copies that it
left where SQLite moved it from one page to another, nor the words that the index has until it is written anew, nor the log.

So whoever removed something owes a scouring, in the same transaction; it is done at once, or after the next start.
"""

import sqlite3
from datetime import datetime

from storage.encoding import micros
from storage.transaction import Transaction


def owe_scouring(tx: Transaction, at: datetime) -> None:
    tx.execute("INSERT INTO scouring_owed (one, at) VALUES (1, ?) ON CONFLICT DO NOTHING", (micros(at),))


OWED = "SELECT 1 FROM scouring_owed"


def settle_scouring(tx: Transaction) -> None:
    tx.execute("DELETE FROM scouring_owed")


def scour(connection: sqlite3.Connection) -> bool:
    """Leave nothing of what was removed in the index, the pages or the log. Takes as long as copying the file does.

    False: somebody reads an old state of the record just now, so the log cannot be emptied yet.
    """
    connection.execute("INSERT INTO memory_words (memory_words) VALUES ('optimize')")
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
