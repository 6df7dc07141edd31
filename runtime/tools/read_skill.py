"""read_skill: what a skill says, once a person has seen it and said yes."""

import asyncio

from pydantic import Field

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.records import Effect, Observation, Risk, UserRef, Workspace
from runtime.skills.catalogue import Catalogue
from runtime.skills.changes import preview_of, why_it_asks
from runtime.skills.records import MANUAL, Broken, Reading, Skill
from runtime.tools.confinement import check_parts
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.transcript import READ_SKILL


class ReadSkillArguments(ToolArguments):
    name: str = Field(min_length=1, max_length=64, description="The skill's name.")
    file: str = Field(default=MANUAL, min_length=1, max_length=1_000, description="A file of the skill.")


class ReadSkill:
    """Asks where the skill is not, to the letter, what was last approved of it; the yes is recorded when it is used.

    What a person approved is theirs to vouch for: reading it is not reading what a stranger wrote.
    """

    name = READ_SKILL
    version = "1"
    description = "Read a skill, or another of its files. Its programs are run with shell_exec_safe."
    effect = Effect.IDEMPOTENT
    arguments = ReadSkillArguments
    timeout = 30.0
    output_cap = 80_000

    def __init__(self, catalogue: Catalogue, masker: Masker = NOTHING_OF_OURS) -> None:
        self._catalogue = catalogue
        self._masker = masker

    async def assess(self, arguments: ReadSkillArguments, workspace: Workspace) -> Assessment:
        reading = await self._read(arguments, workspace)
        skill = reading.skill
        approved = self._catalogue.find_approval(skill)
        if approved is not None and approved.digest == skill.digest:
            return Assessment(risk=Risk.NONE, target=skill.digest, unchanged=True, effect=Effect.NONE)
        return Assessment(
            risk=Risk.HIGH,
            why_asked=why_it_asks(skill, approved),
            preview=await asyncio.to_thread(preview_of, reading, approved, self._masker.mask),
            target=skill.digest,
            each_time=True,
        )

    async def run(self, arguments: ReadSkillArguments, scope: ToolScope) -> Observation:
        reading = await self._read(arguments, scope.workspace)
        by = await self._approved(reading.skill, scope)
        text = reading.held[_path(arguments)].text
        if text is None:
            raise ToolFailed(f"{arguments.file} is not text.", code="binary")
        if _path(arguments) == MANUAL and len(reading.held) > 1:
            text += f"\n\n{self._beside(reading, scope.workspace)}"
        return Observation(ok=True, text=text, metadata={"approved_by": str(by), "digest": reading.skill.digest})

    async def _read(self, arguments: ReadSkillArguments, workspace: Workspace) -> Reading:
        """The skill as it stands now. What is wrong with one is not quoted: nobody vouches for it."""
        found = await self._catalogue.read(workspace, arguments.name)
        match found:
            case None:
                raise ToolFailed(f"There is no skill called {arguments.name!r}.", code="not_found")
            case Broken():
                words = f"The skill {found.name} breaks the rules of the format: `mallard skills check` says how."
                raise ToolFailed(f"{words} It cannot be read until somebody mends it.", code="broken")
        if _path(arguments) not in found.held:
            raise ToolFailed(f"The skill {found.skill.name} has no such file.", code="not_found")
        return found

    async def _approved(self, skill: Skill, scope: ToolScope) -> UserRef:
        """Who said yes to exactly this skill: on record, or just now to this call. Raises ToolFailed where nobody did."""
        standing = self._catalogue.find_approval(skill)
        if standing is not None and standing.digest == skill.digest:
            return standing.approved_by
        if scope.approved_by is None or scope.target != skill.digest:
            words = (
                f"The skill {skill.name} changed since somebody approved it. Nothing was read: call read_skill again"
            )
            raise ToolFailed(f"{words}, and a person is asked.", code="target_changed")
        await self._catalogue.approve(skill, by=scope.approved_by)
        return scope.approved_by

    def _beside(self, reading: Reading, workspace: Workspace) -> str:
        shelf = self._catalogue.shelf_with(workspace, reading.skill.name)
        folder = (
            shelf.path_of(reading.skill.name)
            if shelf and shelf.inside
            else f"{reading.skill.place}/{reading.skill.name}"
        )
        others = ", ".join(path for path in reading.held if path != MANUAL)
        return f"[beside it, in {folder}: {others}]"


def _path(arguments: ReadSkillArguments) -> str:
    return "/".join(check_parts(arguments.file))
