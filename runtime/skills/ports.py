"""What skills need of the record, and what it says of lessons that may become one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from runtime.memory.records import MemoryId
from runtime.records import UserRef
from runtime.skills.records import Skill, SkillApproval


class SkillApprovals(Protocol):
    """Which skills people said yes to. Of each skill in its place the last yes counts, and no earlier one."""

    def list_approved_digests(self, place: str, names: Sequence[str]) -> Mapping[str, str]:
        """The digest that was last approved of each, at most 64; those that never were are not among them."""
        ...

    def find_skill_approval(self, place: str, name: str) -> SkillApproval | None: ...
    async def record_skill_approval(self, skill: Skill, manual: str, at: datetime, *, by: UserRef) -> None:
        """`manual` is its SKILL.md with no secrets in it. Recording what counts already changes nothing."""
        ...


class Lessons(Protocol):
    """How often lessons came back."""

    def count_runs_taught(self, lesson_ids: Sequence[MemoryId]) -> Mapping[MemoryId, int]:
        """How many runs taught each of at most 64 lessons; those that none did are not among them."""
        ...
