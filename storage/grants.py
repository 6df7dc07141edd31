"""Standing approvals."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from runtime.records import Grant, GrantId, GrantScope, UserRef
from storage.encoding import micros, moment, optional_micros, optional_moment
from storage.writer import Transaction


def insert_grant(tx: Transaction, grant: Grant) -> GrantId:
    """Record a grant; its `id` is given here."""
    return GrantId(
        tx.insert(
            _INSERT,
            (
                grant.tool, bytes.fromhex(grant.digest), grant.scope.value, grant.subject, grant.workspace, grant.shown,
                str(grant.created_by), micros(grant.created_at), optional_micros(grant.expires_at),
            ),
        )
    )  # fmt: skip


_INSERT = """
INSERT INTO grants (tool, digest, scope, subject, workspace, shown, created_by, created_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def find_grant(
    connection: sqlite3.Connection, digest: str, subjects: Sequence[tuple[str, str]], at: datetime
) -> Grant | None:
    """The oldest live grant for a digest whose (scope, subject) is one of `subjects`."""
    for row in connection.execute(_LIVE, (bytes.fromhex(digest), micros(at))):
        grant = _grant(row)
        if (grant.scope.value, grant.subject) in subjects:
            return grant
    return None


_COLUMNS = "id, tool, digest, scope, subject, workspace, shown, created_by, created_at, expires_at, revoked_at, revoked_by, uses"
_LIVE = f"""
SELECT {_COLUMNS} FROM grants
WHERE digest = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
ORDER BY id LIMIT 64
"""


def read_grants(rows: Iterable[Any]) -> tuple[Grant, ...]:
    return tuple(_grant(row) for row in rows)


LIST = f"SELECT {_COLUMNS} FROM grants ORDER BY id"


def revoke(tx: Transaction, grant_id: GrantId, at: datetime, *, by: str) -> bool:
    """End a grant for good. False: there is no such live grant."""
    return tx.execute(_REVOKE, (micros(at), by, grant_id)).rowcount == 1


_REVOKE = "UPDATE grants SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL"


def _grant(row: tuple[Any, ...]) -> Grant:
    (
        id_, tool, digest, scope, subject, workspace, shown, created_by, created_at, expires_at, revoked_at, revoked_by,
        uses,
    ) = row  # fmt: skip
    return Grant(
        id=GrantId(id_),
        tool=tool,
        digest=digest.hex(),
        scope=GrantScope(scope),
        subject=subject,
        workspace=workspace,
        shown=shown,
        created_by=UserRef.parse(created_by),
        created_at=moment(created_at),
        expires_at=optional_moment(expires_at),
        revoked_at=optional_moment(revoked_at),
        revoked_by=revoked_by,
        uses=uses,
    )
