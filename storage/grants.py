"""Standing approvals."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from runtime.records import Grant, GrantId, GrantKind, GrantScope, UserRef
from storage.encoding import from_json, micros, moment, optional_micros, optional_moment, to_json
from storage.transaction import Transaction


def insert_grant(tx: Transaction, grant: Grant) -> GrantId:
    """Record a grant; its `id` is given here."""
    return GrantId(
        tx.insert(
            _INSERT,
            (
                grant.tool, bytes.fromhex(grant.digest), grant.scope.value, grant.subject, grant.workspace, grant.shown,
                str(grant.created_by), micros(grant.created_at), optional_micros(grant.expires_at), grant.kind.value,
                grant.version, to_json(grant.prefix), to_json(dict(grant.others)), grant.most_uses,
            ),
        )
    )  # fmt: skip


_INSERT = """
INSERT INTO grants (tool, digest, scope, subject, workspace, shown, created_by, created_at, expires_at, kind, version,
                    prefix, others, most_uses)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def find_grants(
    connection: sqlite3.Connection, *, tool: str, digest: str, subjects: Sequence[tuple[str, str]], at: datetime,
    held: GrantId | None = None,
) -> tuple[Grant, ...]:  # fmt: skip
    """The oldest live grants that may cover a call, those of exactly this call first: to whom they apply is sure, whether a
    broader one covers the call is not. What is used up is not among them, but the one that the call `held` a use of."""
    asked = {
        "digest": bytes.fromhex(digest), "tool": tool, "at": micros(at), "held": held,
        "subjects": to_json([f"{scope} {subject}" for scope, subject in subjects]),
    }  # fmt: skip
    return tuple(_grant(row) for sql in (_LIVE_EXACT, _LIVE_BROAD) for row in connection.execute(sql, asked))


_COLUMNS = (
    "id, tool, digest, scope, subject, workspace, shown, created_by, created_at, expires_at, revoked_at, revoked_by, uses, "
    "kind, version, prefix, others, most_uses"
)
_HOLDS = """
revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :at) AND (most_uses IS NULL OR uses < most_uses OR id = :held)
AND scope || ' ' || subject IN (SELECT value FROM json_each(:subjects))
"""
_LIVE_EXACT = (
    f"SELECT {_COLUMNS} FROM grants WHERE digest = :digest AND kind = 'exact' AND {_HOLDS} ORDER BY id LIMIT 64"
)
_LIVE_BROAD = f"SELECT {_COLUMNS} FROM grants WHERE tool = :tool AND kind <> 'exact' AND {_HOLDS} ORDER BY id LIMIT 64"


def take_use(tx: Transaction, grant_id: GrantId, at: datetime) -> bool:
    """Count one use of a grant that still holds. False: it does not, or its last use was taken by another call."""
    return tx.execute(_TAKE_USE, {"id": grant_id, "at": micros(at)}).rowcount == 1


# Compare-and-set: of two calls that race for the last use, one gets it.
_TAKE_USE = """
UPDATE grants SET uses = uses + 1
WHERE id = :id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :at)
  AND (most_uses IS NULL OR uses < most_uses)
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
        uses, kind, version, prefix, others, most_uses,
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
        kind=GrantKind(kind),
        version=version,
        prefix=tuple(from_json(prefix)),
        others=from_json(others),
        most_uses=most_uses,
    )
