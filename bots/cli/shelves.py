"""The shelves that the settings name, and what stands on them."""

import os
from collections.abc import Iterator

from bots.rules import DEFAULT_WORKSPACE
from bots.settings import Settings
from runtime.errors import MallardError
from runtime.records import Workspace
from runtime.skills.records import Broken, Reading
from runtime.skills.shelf import MOST_SKILLS, Shelf, list_names, read_skill_at, shelf_at, shelf_of
from runtime.tools.failure import ToolFailed
from runtime.tools.uninterrupted import Halt

EVERY_WORKSPACE = "every workspace"


def shelves_of(settings: Settings) -> Iterator[tuple[str, Shelf]]:
    """Each with whom it is for, in the order in which skills are looked for."""
    yield from ((EVERY_WORKSPACE, shelf_at(str(folder))) for folder in settings.skill_folders)
    yield from ((name, shelf_of(workspace)) for name, workspace in _workspaces(settings).items())


def _workspaces(settings: Settings) -> dict[str, Workspace]:
    named = {choice.name: str(choice.path) for choice in settings.workspaces}
    paths = {DEFAULT_WORKSPACE: str(settings.workspace), **named}
    return {name: Workspace(id=name, path=path) for name, path in paths.items()}


def shelf_for(settings: Settings, source: Shelf, workspace: str) -> Shelf:
    """Where the skill stands, if that is a shelf of ours; else that of the workspace, which it will be copied to."""
    own = next((shelf for _, shelf in shelves_of(settings) if shelf.place == source.place), None)
    known = _workspaces(settings)
    if own is None and workspace not in known:
        raise MallardError(f"There is no workspace {workspace!r}. There are: {', '.join(known)}.")
    return own or shelf_of(known[workspace])


def every_skill(settings: Settings) -> Iterator[tuple[str, Reading | Broken]]:
    """What stands on each shelf, with whom it is for. A shelf that is none is passed over."""
    for where, shelf in shelves_of(settings):
        try:
            names = list_names(shelf)
        except (ToolFailed, OSError):
            continue
        for name in names:
            found = read_skill_at(shelf, name, Halt())
            if found is not None:
                yield where, found


def faults_on_shelves(settings: Settings) -> Iterator[str]:
    """A sentence for each thing that is wrong, with where it stands."""
    for where, shelf in shelves_of(settings):
        if not shelf.is_there and where == EVERY_WORKSPACE:
            yield f"{shelf.place}: there is no such folder. MALLARD_SKILL_FOLDERS names it."
        try:
            full = len(list_names(shelf)) == MOST_SKILLS
        except (ToolFailed, OSError) as error:
            yield f"{shelf.place}: {error}"
            continue
        if full:
            yield f"{shelf.place}: only {MOST_SKILLS} skills of a folder are looked at. Spread them over several."
    for _, found in every_skill(settings):
        yield from faults_of(found)


def faults_of(found: Reading | Broken) -> Iterator[str]:
    if isinstance(found, Broken):
        yield from (f"{os.path.join(found.place, found.name)}: {fault}" for fault in found.faults)
