"""The skills that people said yes to. Rows are only ever added: of a skill in its place the newest one counts."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from runtime.memory.records import MemoryId
from runtime.records import UserRef
from runtime.skills.records import Skill, SkillApproval
from storage.encoding import from_json, micros, moment, to_json
from storage.opened import Opened
from storage.transaction import Transaction

Connection = sqlite3.Connection | Transaction


class Skills(Opened):
    """Implements the ports of `runtime.skills.ports`."""

    def list_approved_digests(self, place: str, names: Sequence[str]) -> Mapping[str, str]:
        return list_digests(self.database.reader, place, names)

    def find_skill_approval(self, place: str, name: str) -> SkillApproval | None:
        return find_approval(self.database.reader, place, name)

    async def record_skill_approval(self, skill: Skill, manual: str, at: datetime, *, by: UserRef) -> None:
        await self.database.write(lambda tx: record_approval(tx, skill, manual, at, by=by))

    def count_runs_taught(self, lesson_ids: Sequence[MemoryId]) -> Mapping[MemoryId, int]:
        return count_runs_taught(self.database.reader, lesson_ids)


def record_approval(tx: Transaction, skill: Skill, manual: str, at: datetime, *, by: UserRef) -> None:
    """Add a yes, unless what it is about counts already: then it stays with who said so first."""
    standing = find_approval(tx, skill.place, skill.name)
    if standing is not None and standing.digest == skill.digest:
        return
    row = (
        skill.place,
        skill.name,
        bytes.fromhex(skill.digest),
        manual,
        to_json(dict(skill.files)),
        str(by),
        micros(at),
    )
    tx.execute(_RECORD, row)


_RECORD = """
INSERT INTO skill_approvals (place, name, digest, manual, files, approved_by, approved_at) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def find_approval(connection: Connection, place: str, name: str) -> SkillApproval | None:
    """The newest of a skill in its place."""
    row = connection.execute(_NEWEST, (place, name)).fetchone()
    if row is None:
        return None
    digest, manual, files, approved_by, approved_at = row
    return SkillApproval(
        place=place,
        name=name,
        digest=digest.hex(),
        manual=manual,
        files=from_json(files),
        approved_by=UserRef.parse(approved_by),
        approved_at=moment(approved_at),
    )


_NEWEST = """
SELECT digest, manual, files, approved_by, approved_at FROM skill_approvals
WHERE place = ? AND name = ?
ORDER BY id DESC LIMIT 1
"""


def list_digests(connection: Connection, place: str, names: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(_DIGESTS, {"place": place, "names": to_json(list(names))})
    return {name: digest.hex() for name, digest in rows}


_DIGESTS = """
SELECT a.name, a.digest FROM json_each(:names) AS named
JOIN skill_approvals AS a
  ON a.id = (SELECT max(id) FROM skill_approvals AS s WHERE s.place = :place AND s.name = named.value)
LIMIT 64
"""


def count_runs_taught(connection: Connection, lesson_ids: Sequence[MemoryId]) -> dict[MemoryId, int]:
    return {MemoryId(lesson): runs for lesson, runs in connection.execute(_TAUGHT, (to_json(list(lesson_ids)),))}


_TAUGHT = """
SELECT lesson_id, count(*) FROM experiences WHERE lesson_id IN (SELECT value FROM json_each(?))
GROUP BY lesson_id LIMIT 64
"""
