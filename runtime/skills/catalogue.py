"""The skills that a run can use: where they stand, which of them people approved, and how one is approved."""

import asyncio
from collections.abc import Iterator, Sequence

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.ports import Clock
from runtime.records import UserRef, Workspace
from runtime.skills.ports import SkillApprovals
from runtime.skills.records import Broken, Reading, Shelved, Skill, SkillApproval
from runtime.skills.shelf import (
    Shelf,
    Signature,
    is_on,
    list_names,
    read_skill_at,
    shelf_at,
    shelf_of,
    sign,
)
from runtime.tools.failure import ToolFailed
from runtime.tools.uninterrupted import Halt, in_thread


class Catalogue:
    """`folders` are shelves for every workspace; a skill there comes before one of the same name in a workspace."""

    def __init__(
        self,
        approvals: SkillApprovals,
        clock: Clock,
        *,
        folders: Sequence[str] = (),
        masker: Masker = NOTHING_OF_OURS,
    ) -> None:
        self._approvals = approvals
        self._clock = clock
        self._folders = tuple(shelf_at(folder) for folder in folders)
        self._masker = masker
        self._known: dict[tuple[str, str], tuple[Signature, Skill | Broken]] = {}

    async def look(self, workspace: Workspace) -> tuple[Shelved, ...]:
        """Every skill that a run in this workspace may find, each name once, as it stood a moment ago."""
        shelves = [shelf for shelf in self._shelves(workspace) if shelf.is_there]
        if not shelves:
            return ()
        found = await in_thread(lambda halt: _first_of_each(self._take_stock(shelves, halt)))
        approved = {place: self._approved_at(place, found) for place in {skill.place for skill in found}}
        return tuple(Shelved(skill=skill, is_approved=_is_as(skill, approved[skill.place])) for skill in found)

    async def read(self, workspace: Workspace, name: str) -> Reading | Broken | None:
        """A skill with all its files as they stand now; None where there is none of this name."""
        return await in_thread(lambda halt: self._read(workspace, name, halt))

    def shelf_with(self, workspace: Workspace, name: str) -> Shelf | None:
        """Where a skill of this name stands; the one that counts, where there are several."""
        return next((shelf for shelf in self._shelves(workspace) if is_on(shelf, name)), None)

    def find_approval(self, skill: Skill) -> SkillApproval | None:
        """What people last said yes to of the skill of this name in this place."""
        return self._approvals.find_skill_approval(skill.place, skill.name)

    async def approve(self, skill: Skill, *, by: UserRef) -> None:
        """Record that a person said yes to exactly this."""
        manual = await asyncio.to_thread(self._masker.mask, skill.manual)
        await self._approvals.record_skill_approval(skill, manual, self._clock.now(), by=by)

    def _shelves(self, workspace: Workspace) -> tuple[Shelf, ...]:
        return (*self._folders, shelf_of(workspace))

    def _read(self, workspace: Workspace, name: str, halt: Halt) -> Reading | Broken | None:
        shelf = self.shelf_with(workspace, name)
        return None if shelf is None else read_skill_at(shelf, name, halt)

    def _take_stock(self, shelves: Sequence[Shelf], halt: Halt) -> Iterator[Skill | Broken]:
        for shelf in shelves:
            try:
                names = list_names(shelf)
            except (ToolFailed, OSError):
                continue  # `mallard skills check` says what is wrong with it
            for name in names:
                found = self._look_at(shelf, name, halt)
                if found is not None:
                    yield found

    def _look_at(self, shelf: Shelf, name: str, halt: Halt) -> Skill | Broken | None:
        """What is known of a skill as long as nothing of it was touched; else what it says now."""
        at = (shelf.place, name)
        try:
            signature = sign(shelf, name, halt)
        except (ToolFailed, OSError):
            self._known.pop(at, None)
            return _skill_in(read_skill_at(shelf, name, halt))
        known = self._known.get(at)
        if known is not None and known[0] == signature:
            return known[1]
        found = _skill_in(read_skill_at(shelf, name, halt))
        if found is not None:
            self._known[at] = (signature, found)
        return found

    def _approved_at(self, place: str, found: Sequence[Skill | Broken]) -> dict[str, str]:
        names = [skill.name for skill in found if skill.place == place and isinstance(skill, Skill)]
        return dict(self._approvals.list_approved_digests(place, names))


def _skill_in(found: Reading | Broken | None) -> Skill | Broken | None:
    return found.skill if isinstance(found, Reading) else found


def _first_of_each(found: Iterator[Skill | Broken]) -> tuple[Skill | Broken, ...]:
    first: dict[str, Skill | Broken] = {}
    for skill in found:
        first.setdefault(skill.name, skill)
    return tuple(first.values())


def _is_as(skill: Skill | Broken, approved: dict[str, str]) -> bool:
    return isinstance(skill, Skill) and approved.get(skill.name) == skill.digest
