"""Facts about who is whom: append-only, and chained. Who is whom is the sum of them."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from runtime.errors import DatabaseUnusable, PeopleChanged
from runtime.link_facts import LinkFact
from runtime.persons import WhoIsWho
from runtime.records import LinkEvent
from storage.encoding import from_json, micros, moment
from storage.transaction import Transaction

PEOPLE = 0  # the number under which the installation's chain of heads knows this chain; runs count from 1
_BEGINNING = bytes(32)

Connection = sqlite3.Connection | Transaction


def append(tx: Transaction, at: datetime, fact: LinkFact) -> tuple[int, bytes]:
    """Append a fact. Returns its number and the chain's new head, which belongs into the installation's chain."""
    last = tx.execute(_LAST).fetchone()
    number, before = (last[0] + 1, last[1]) if last else (1, _BEGINNING)
    body, stamp = orjson.dumps(fact.body), micros(at)
    head = _link(before, number, fact.type.value, stamp, body)
    tx.execute(_INSERT, (number, fact.type.value, stamp, body, head))
    return number, head


_LAST = "SELECT n, hash FROM link_events ORDER BY n DESC LIMIT 1"
_INSERT = "INSERT INTO link_events (n, type, at, body, hash) VALUES (?, ?, ?, ?, ?)"


def check_unchanged(tx: Transaction, as_of: int) -> None:
    """Raise PeopleChanged where something happened since that fact."""
    newest = tx.execute(_LAST).fetchone()
    if (newest[0] if newest else 0) != as_of:
        raise PeopleChanged("who is whom was changed since it was looked at")


def bring_up_to_date(who: WhoIsWho, connection: Connection) -> WhoIsWho:
    """Who is whom with everything that happened since. Raises DatabaseUnusable for facts that cannot be true."""
    rows = connection.execute(_SINCE, (who.as_of,)).fetchall()
    try:
        return who.after(_event(row) for row in rows) if rows else who
    except (ValueError, KeyError, TypeError) as error:
        raise DatabaseUnusable(
            f"What the record says about linked accounts cannot be true ({error!r}), so nobody can be told from anybody: "
            "`mallard audit verify` says where. Put a backup in its place."
        ) from error


_SINCE = "SELECT n, type, at, body FROM link_events WHERE n > ? ORDER BY n"
ALL = "SELECT n, type, at, body FROM link_events WHERE at >= ? ORDER BY n"


def read_events(rows: Any) -> tuple[LinkEvent, ...]:
    return tuple(_event(row) for row in rows)


def _event(row: Any) -> LinkEvent:
    number, type_, at, body = row
    return LinkEvent(number=number, type=type_, at=moment(at), body=from_json(body))


def verify_links(connection: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """Every fact that was edited, removed, moved or invented: its number, and what is wrong.

    The installation's chain has noted each of them, so that a missing one is missed, also the last.
    """
    noted = dict.fromkeys(connection.execute(_NOTED, (PEOPLE,)).fetchall())
    before = _BEGINNING
    for number, type_, at, body, stored in connection.execute(_CHAIN):
        if stored != _link(before, number, type_, at, body):
            yield number, f"fact {number} about who is whom ({type_}) was changed or moved"
        if (number, stored) not in noted:
            yield number, f"fact {number} about who is whom ({type_}) is not in the installation's chain"
        noted.pop((number, stored), None)
        before = stored
    for number, _ in noted:
        yield number, f"fact {number} about who is whom is missing, or is not the one that was written"


_CHAIN = "SELECT n, type, at, body, hash FROM link_events ORDER BY n"
_NOTED = "SELECT count, head FROM heads WHERE run_id = ? ORDER BY n"


def _link(before: bytes, number: int, type_: str, at: int, body: bytes) -> bytes:
    said = hashlib.sha256(body).digest()
    return hashlib.sha256(b"%b|%d|%b|%d|%b" % (before, number, type_.encode(), at, said)).digest()
