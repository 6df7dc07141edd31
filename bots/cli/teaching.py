"""`mallard skills`."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from msgspec import Struct

from bots.cli.opening import open_database, run_async, settings_here
from bots.cli.printing import print_json, print_table
from bots.cli.shelves import EVERY_WORKSPACE, every_skill, faults_of, faults_on_shelves, shelf_for
from bots.masking import masker_of
from bots.settings import Settings
from bots.terminal.platform import local_user
from bots.terminal.wording import write_time
from runtime.errors import MallardError
from runtime.skills.changes import preview_of
from runtime.skills.copying import put_on_shelf
from runtime.skills.records import Broken, Reading, Skill, SkillApproval
from runtime.skills.shelf import Shelf, is_on, read_skill_at, reading_of, shelf_at
from runtime.tools.failure import ToolFailed
from runtime.tools.uninterrupted import Halt
from runtime.tools.visible import make_visible
from storage import skills


class Line(Struct, frozen=True, kw_only=True):
    """A skill as it is listed. `hidden`: another one of its name comes before it there."""

    where: str
    found: Reading | Broken
    approval: SkillApproval | None
    hidden: bool

    @property
    def name(self) -> str:
        return self.found.name if isinstance(self.found, Broken) else self.found.skill.name

    @property
    def folder(self) -> str:
        place = self.found.place if isinstance(self.found, Broken) else self.found.skill.place
        return os.path.join(place, self.name)

    @property
    def state(self) -> str:
        if isinstance(self.found, Broken):
            return "broken"
        if self.hidden:
            return f"hidden by the one for {EVERY_WORKSPACE}"
        if self.approval is None:
            return "not approved"
        return "approved" if self.approval.digest == self.found.skill.digest else "changed since"


def list_skills(*, as_json: bool) -> None:
    settings = settings_here()
    lines = run_async(lambda: _lines(settings))
    if as_json:
        print_json(_as_json(line) for line in lines)
        return
    print_table(
        ("skill", "for", "state", "approved by", "on", "folder"),
        ((line.name, line.where, line.state, *_approved(line.approval), line.folder) for line in lines),
        empty="There are no skills. `mallard skills add FOLDER` brings one.",
    )


def check(path: str) -> int:
    """Print every fault. Returns the exit status."""
    if path:
        shelf, name = _at(path)
        found = read_skill_at(shelf, name, Halt())
        if found is None:
            raise MallardError(f"{path} is not there.")
        faults, count = list(faults_of(found)), 1
    else:
        settings = settings_here()
        faults, count = list(faults_on_shelves(settings)), sum(1 for _ in every_skill(settings))
    for fault in faults:
        typer.secho(make_visible(fault), err=True, fg=typer.colors.RED)
    if not faults:
        print(f"{count} {'skill keeps' if count == 1 else 'skills keep'} the rules of the format.")
    return 1 if faults else 0


def add(path: str, *, workspace: str, yes: bool) -> int:
    """Show a skill, ask, and record that whoever sits here approved it. Returns the exit status."""
    settings = settings_here()
    source, name = _at(path)
    found = read_skill_at(source, name, Halt())
    if not isinstance(found, Reading):
        return check(path)
    shelf = shelf_for(settings, source, workspace)
    reading = reading_of(shelf.place, name, found.held)
    assert isinstance(reading, Reading)  # noqa: S101  the same files in another place
    approval, now = run_async(lambda: _last_yes(settings, reading.skill)), _standing(shelf, name)
    if approval is not None and approval.digest == reading.skill.digest == now:
        print(f"{name} is approved already, by {approval.approved_by}.")
        return 0
    _show(reading, approval, settings)
    if not yes:
        typer.confirm(_question(shelf, name, now, reading.skill), abort=True)
    if now != reading.skill.digest:
        _put(shelf, reading)
    run_async(lambda: _record(settings, reading.skill))
    print(f"{name} is approved, and stands in {os.path.join(shelf.place, name)}.")
    return 0


def _at(path: str) -> tuple[Shelf, str]:
    folder = Path(path).expanduser().absolute()
    return shelf_at(str(folder.parent)), folder.name


async def _lines(settings: Settings) -> list[Line]:
    """Without a record nothing is approved, and looking does not make one."""
    found = list(every_skill(settings))
    for_all = {_name(each) for where, each in found if where == EVERY_WORKSPACE}
    lines = []
    for where, each in found:
        approval = None
        if isinstance(each, Reading) and settings.database.exists():
            approval = await _last_yes(settings, each.skill)
        hidden = where != EVERY_WORKSPACE and _name(each) in for_all
        lines.append(Line(where=where, found=each, approval=approval, hidden=hidden))
    return lines


def _name(found: Reading | Broken) -> str:
    return found.name if isinstance(found, Broken) else found.skill.name


async def _last_yes(settings: Settings, skill: Skill) -> SkillApproval | None:
    async with open_database(settings) as database:
        return skills.find_approval(database.reader, skill.place, skill.name)


async def _record(settings: Settings, skill: Skill) -> None:
    manual, at, by = masker_of(settings).mask(skill.manual), datetime.now(UTC), local_user()
    async with open_database(settings) as database:
        await database.write(lambda tx: skills.record_approval(tx, skill, manual, at, by=by))


def _standing(shelf: Shelf, name: str) -> str:
    """The digest of what stands there; "" for nothing, and "broken" for what is no skill."""
    if not is_on(shelf, name):
        return ""
    found = read_skill_at(shelf, name, Halt())
    return found.skill.digest if isinstance(found, Reading) else "broken"


def _show(reading: Reading, approval: SkillApproval | None, settings: Settings) -> None:
    sys.stdout.write(make_visible(preview_of(reading, approval, masker_of(settings).mask)) + "\n\n")


def _question(shelf: Shelf, name: str, now: str, skill: Skill) -> str:
    folder = os.path.join(shelf.place, name)
    if now == skill.digest:
        return f"Approve {name} as it stands in {folder}?"
    if now:
        return f"Replace what stands in {folder} by this, and approve it?"
    return f"Copy {name} to {folder}, and approve it?"


def _put(shelf: Shelf, reading: Reading) -> None:
    try:
        os.makedirs(shelf.base.path, exist_ok=True)
        put_on_shelf(shelf, reading.skill.name, reading.held)
    except ToolFailed as failed:
        raise MallardError(str(failed)) from None


def _approved(approval: SkillApproval | None) -> tuple[str, str]:
    return ("", "") if approval is None else (str(approval.approved_by), write_time(approval.approved_at))


def _as_json(line: Line) -> dict[str, Any]:
    by, on = _approved(line.approval)
    faults = list(line.found.faults) if isinstance(line.found, Broken) else []
    digest = "" if isinstance(line.found, Broken) else line.found.skill.digest
    return {
        "skill": line.name, "for": line.where, "state": line.state, "approved_by": by, "approved_at": on,
        "folder": line.folder, "digest": digest, "faults": faults,
    }  # fmt: skip
