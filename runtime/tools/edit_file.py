"""edit_file: replace one text in a file by another, where it stands exactly once."""

from msgspec import Struct
from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.confinement import open_parent
from runtime.tools.difference import difference
from runtime.tools.failure import ToolFailed
from runtime.tools.placing import put_in_place
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.present import Present, check_as_shown, find_present, target_of
from runtime.tools.registry import ToolArguments
from runtime.tools.secret_names import needs_care
from runtime.tools.uninterrupted import Halt, in_thread
from runtime.tools.visible import shorten

_MOST_CHARACTERS = 200_000
_PREVIEW = 200_000
_MOST_PLACES = 10
_THEN = ">"


class EditFileArguments(ToolArguments):
    path: str = Field(min_length=1, max_length=4096, description="The file, relative to the workspace.")
    old: str = Field(
        min_length=1,
        max_length=_MOST_CHARACTERS,
        description="What stands there now, to the letter, with enough around it to stand there only once.",
    )
    new: str = Field(max_length=_MOST_CHARACTERS, description="What shall stand there instead; empty removes it.")


class EditFile:
    name = "edit_file"
    version = "1"
    description = "Replace one exact text in a text file of the workspace. It must stand there exactly once."
    effect = Effect.IDEMPOTENT
    arguments = EditFileArguments
    timeout = 60.0
    output_cap = 2_000

    async def assess(self, arguments: EditFileArguments, workspace: Workspace) -> Assessment:
        return await in_thread(lambda halt: _assess(arguments, workspace, halt))

    async def is_done(self, arguments: EditFileArguments, workspace: Workspace, target: str) -> bool:
        return await in_thread(lambda halt: _is_done(arguments, workspace, target, halt))

    async def run(self, arguments: EditFileArguments, scope: ToolScope) -> Observation:
        return await in_thread(lambda halt: _edit(arguments, scope, halt))


class _Edit(Struct, frozen=True, kw_only=True):
    """A file before and after; `line` is where the change begins, counted from 1."""

    before: str
    after: str
    line: int

    @property
    def target(self) -> str:
        """Both ends of the change: what was shown can be told from what it led to."""
        return f"{target_of(self.before)}{_THEN}{target_of(self.after)}"


def _assess(arguments: EditFileArguments, workspace: Workspace, halt: Halt) -> Assessment:
    with open_parent(workspace, arguments.path) as (folder, name):
        edit = _edit_of(arguments, _present(folder, name, arguments.path, halt))
    words = f"It changes {len(arguments.old):,} characters at line {edit.line:,} into {len(arguments.new):,}."
    sensitive = needs_care(arguments.path)
    return Assessment(
        risk=Risk.HIGH if sensitive else Risk.MEDIUM,
        why_asked=f"{words} The name says that it may hold secrets, or decide what programs do."
        if sensitive
        else words,
        preview=shorten(difference(edit.before, edit.after, arguments.path), _PREVIEW)[0],
        target=edit.target,
    )


def _is_done(arguments: EditFileArguments, workspace: Workspace, target: str, halt: Halt) -> bool:
    with open_parent(workspace, arguments.path) as (folder, name):
        present = find_present(folder, name, arguments.path, halt)
    return present is not None and present.target == target.partition(_THEN)[2]


def _edit(arguments: EditFileArguments, scope: ToolScope, halt: Halt) -> Observation:
    shown, _, wanted = scope.target.partition(_THEN)
    with open_parent(scope.workspace, arguments.path) as (folder, name):
        present = _present(folder, name, arguments.path, halt)
        if wanted and present.target == wanted:
            return Observation(ok=True, text=f"{arguments.path} was changed so already.", metadata={"written": 0})
        check_as_shown(present, shown, arguments.path)
        edit = _edit_of(arguments, present)
        content = edit.after.encode()
        put_in_place(folder, name, content, key=scope.key, present=present, halt=halt)
    text = f"{arguments.path} was changed at line {edit.line:,}: it has {len(content):,} bytes now."
    return Observation(ok=True, text=text, metadata={"written": len(content), "line": edit.line})


def _present(folder: int, name: str, path: str, halt: Halt) -> Present:
    present = find_present(folder, name, path, halt)
    if present is None:
        raise ToolFailed(f"{path} does not exist.", code="not_found")
    return present


def _edit_of(arguments: EditFileArguments, present: Present) -> _Edit:
    """Raises ToolFailed with words that help to find the one place that was meant."""
    before, path = present.text, arguments.path
    if before is None:
        raise ToolFailed(f"{path} ({present.size:,} bytes) is too long to be edited, or not UTF-8 text.", code="binary")
    old, new = _with_line_ends_of(before, arguments.old, arguments.new)
    if old == new:
        raise ToolFailed("The old and the new text are the same: nothing would change.", code="same")
    places = _places(before, old)
    if not places:
        raise ToolFailed(_absent(path, before, new), code="absent")
    if len(places) > 1:
        raise ToolFailed(_ambiguous(path, before, places), code="ambiguous")
    at = places[0]
    return _Edit(before=before, after=before[:at] + new + before[at + len(old) :], line=_line(before, at))


def _with_line_ends_of(text: str, old: str, new: str) -> tuple[str, str]:
    """Files whose lines end with CR LF keep that: nobody who reads them sees which it is."""
    if "\r" in old or "\r" in new or text.count("\n") != text.count("\r\n"):
        return old, new
    return old.replace("\n", "\r\n"), new.replace("\n", "\r\n")


def _places(text: str, old: str) -> list[int]:
    """Where it stands, overlapping places too: either of them could be meant."""
    places, at = [], text.find(old)
    while at >= 0:
        places.append(at)
        at = text.find(old, at + 1)
    return places


def _absent(path: str, before: str, new: str) -> str:
    words = f"The old text does not stand in {path}. Read the file, and give the text to the letter."
    places = _places(before, new) if new else []
    if places:
        words += f" The new text stands there already, at line {_line(before, places[0]):,}."
    return words


def _ambiguous(path: str, before: str, places: list[int]) -> str:
    lines = ", ".join(f"{_line(before, at):,}" for at in places[:_MOST_PLACES])
    more = " …" if len(places) > _MOST_PLACES else ""
    return (
        f"The old text stands in {path} {len(places):,} times (lines {lines}{more}). "
        "Give more of what stands around the one that is meant."
    )


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
