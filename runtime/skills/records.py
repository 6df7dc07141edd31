"""Skills as they stand in their folders, and what people said of them."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from runtime.records import UserRef

MANUAL = "SKILL.md"


class Skill(Struct, frozen=True, kw_only=True):
    """A skill that keeps the rules of the format. `place` is the real path of the folder that its own folder stands in.

    `manual` is its SKILL.md, whole. `files` has the digest of every file by its path in the skill; `digest` is over all
    of them, their names and whether they can be run. `size` is in bytes.
    """

    name: str
    description: str
    place: str
    manual: str
    files: Mapping[str, str]
    digest: str
    size: int


class Broken(Struct, frozen=True, kw_only=True):
    """A folder that should hold a skill and does not. `faults` are sentences for people: they may quote what stands there."""

    name: str
    place: str
    faults: tuple[str, ...]


class Held(Struct, frozen=True, kw_only=True):
    """A file of a skill as it was read. `runs`: it is marked as a program."""

    content: bytes
    runs: bool = False

    @property
    def text(self) -> str | None:
        """None where it is not text."""
        try:
            return None if b"\x00" in self.content else self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None


class Reading(Struct, frozen=True, kw_only=True):
    """A skill with the very bytes that its digest is of."""

    skill: Skill
    held: Mapping[str, Held]


class SkillApproval(Struct, frozen=True, kw_only=True):
    """What a person said yes to: a skill in its place, as it was then. `manual` has no secrets in it."""

    place: str
    name: str
    digest: str
    manual: str
    files: Mapping[str, str]
    approved_by: UserRef
    approved_at: datetime


class Shelved(Struct, frozen=True, kw_only=True):
    """A skill, or what is broken, as a run finds it. `is_approved`: the last that people said yes to was exactly this."""

    skill: Skill | Broken
    is_approved: bool = False
