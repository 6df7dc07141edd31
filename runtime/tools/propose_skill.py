"""propose_skill: write down for people how something is done here; who approves it makes it a skill."""

import asyncio

import orjson
from pydantic import Field, field_validator

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.records import Effect, Observation, Risk, Workspace
from runtime.skills.catalogue import Catalogue
from runtime.skills.changes import preview_of
from runtime.skills.frontmatter import LONGEST_DESCRIPTION, LONGEST_NAME, is_name
from runtime.skills.records import MANUAL, Broken, Held, Reading
from runtime.skills.shelf import Shelf, digest_of_files, is_on, read_files, read_skill_at, reading_of, shelf_of
from runtime.tools.confinement import open_parent
from runtime.tools.failure import ToolFailed
from runtime.tools.placing import put_in_place
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.present import ABSENT, find_present
from runtime.tools.registry import ToolArguments
from runtime.tools.uninterrupted import Halt, in_thread
from runtime.tools.visible import make_all_visible

_THEN = ">"
_WHY = (
    "The agent wrote this skill. Your yes makes it one: from then on it tells the agent what to do, in this workspace."
)


class ProposeSkillArguments(ToolArguments):
    name: str = Field(
        max_length=LONGEST_NAME, description="Lower-case letters, digits and hyphens, as in release-notes."
    )
    description: str = Field(
        min_length=1, max_length=LONGEST_DESCRIPTION, description="What it is for and when to use it, in one line."
    )
    body: str = Field(min_length=1, max_length=50_000, description="How it is done, step by step, as Markdown.")

    @field_validator("name")
    @classmethod
    def _can_be_called_so(cls, name: str) -> str:
        if not is_name(name):
            raise ValueError("it must be lower-case letters, digits and single hyphens between them")
        return name

    @field_validator("description")
    @classmethod
    def _is_one_line(cls, description: str) -> str:
        if description != " ".join(description.split()) or make_all_visible(description) != description:
            raise ValueError("it must be one line, without spaces at its ends or characters that nobody sees")
        return description

    @field_validator("body")
    @classmethod
    def _says_something(cls, body: str) -> str:
        if not body.strip():
            raise ValueError("it must say something")
        return body


class ProposeSkill:
    """Always asks. What was approved is written and approved in one; files that a skill has beside SKILL.md stay."""

    name = "propose_skill"
    version = "1"
    description = (
        "Propose a skill: how something is done here that several requests needed alike. A person sees it and decides; "
        "then read_skill has it. A skill of the same name in the workspace gets the new text."
    )
    effect = Effect.IDEMPOTENT
    arguments = ProposeSkillArguments
    timeout = 60.0
    output_cap = 2_000

    def __init__(self, catalogue: Catalogue, masker: Masker = NOTHING_OF_OURS) -> None:
        self._catalogue = catalogue
        self._masker = masker

    async def assess(self, arguments: ProposeSkillArguments, workspace: Workspace) -> Assessment:
        shelf = self._shelf_for(arguments.name, workspace)
        held = await in_thread(lambda halt: _held(shelf, arguments.name, halt))
        after = _proposed(shelf, arguments, held)
        approved = self._catalogue.find_approval(after.skill)
        return Assessment(
            risk=Risk.HIGH,
            why_asked=_WHY,
            preview=await asyncio.to_thread(preview_of, after, approved, self._masker.mask),
            target=f"{_fingerprint(held)}{_THEN}{after.skill.digest}",
            each_time=True,
        )

    async def is_done(self, arguments: ProposeSkillArguments, workspace: Workspace, target: str) -> bool:
        shelf = self._shelf_for(arguments.name, workspace)
        held = await in_thread(lambda halt: _held(shelf, arguments.name, halt))
        return _fingerprint(held) == target.partition(_THEN)[2]

    async def run(self, arguments: ProposeSkillArguments, scope: ToolScope) -> Observation:
        shelf = self._shelf_for(arguments.name, scope.workspace)
        if scope.approved_by is None:
            raise ToolFailed("Nobody is known to have approved this skill. Nothing was written.")
        reading = await in_thread(lambda halt: _write(shelf, arguments, scope, halt))
        await self._catalogue.approve(reading.skill, by=scope.approved_by)
        text = f"The skill {arguments.name} is approved, and stands in {shelf.path_of(arguments.name)}."
        return Observation(ok=True, text=text, metadata={"digest": reading.skill.digest})

    def _shelf_for(self, name: str, workspace: Workspace) -> Shelf:
        """The workspace's own. Raises ToolFailed where a skill of everybody's has the name."""
        shelf = shelf_of(workspace)
        if (self._catalogue.shelf_with(workspace, name) or shelf) != shelf:
            raise ToolFailed(f"A skill for every workspace is called {name}. Choose another name.", code="taken")
        return shelf


def _held(shelf: Shelf, name: str, halt: Halt) -> dict[str, Held]:
    """The files that are there by now. Raises ToolFailed where it is no folder that a skill could be written into."""
    try:
        return read_files(shelf, name, halt)
    except ToolFailed as failed:
        if failed.code == "not_found" and not is_on(shelf, name):
            return {}
        raise


def _fingerprint(held: dict[str, Held]) -> str:
    return digest_of_files(held) if held else ABSENT


def _proposed(shelf: Shelf, arguments: ProposeSkillArguments, held: dict[str, Held]) -> Reading:
    """The skill as it would be. Raises ToolFailed where that breaks the rules of the format."""
    runs = held[MANUAL].runs if MANUAL in held else False
    manual = Held(content=_manual(arguments).encode(), runs=runs)
    found = reading_of(shelf.place, arguments.name, {**held, MANUAL: manual})
    if isinstance(found, Broken):
        raise ToolFailed(" ".join(found.faults), code="broken")
    return found


def _manual(arguments: ProposeSkillArguments) -> str:
    """A JSON text is one in YAML's double quotes, too."""
    described = orjson.dumps(arguments.description).decode()
    body = arguments.body.strip("\n")
    return f"---\nname: {arguments.name}\ndescription: {described}\n---\n\n{body}\n"


def _write(shelf: Shelf, arguments: ProposeSkillArguments, scope: ToolScope, halt: Halt) -> Reading:
    """The skill as it stands once SKILL.md is written: what was shown, or ToolFailed."""
    shown, _, wanted = scope.target.partition(_THEN)
    present = _fingerprint(_held(shelf, arguments.name, halt))
    path = f"{shelf.path_of(arguments.name)}/{MANUAL}"
    if present != wanted:
        if present != shown:
            raise ToolFailed(f"{path} changed since it was shown. Nothing was written.", code="target_changed")
        with open_parent(scope.workspace, path, create=True) as (folder, name):
            before = find_present(folder, name, path, halt)
            put_in_place(folder, name, _manual(arguments).encode(), key=scope.key, present=before, halt=halt)
    reading = read_skill_at(shelf, arguments.name, halt)
    if not isinstance(reading, Reading) or reading.skill.digest != wanted:
        raise ToolFailed(f"Something else changed {path} just now: it is not approved.", code="target_changed")
    return reading
