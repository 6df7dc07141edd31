"""write_file: make a file say exactly this."""

from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.confinement import open_parent
from runtime.tools.difference import difference
from runtime.tools.failure import ToolFailed
from runtime.tools.placing import put_in_place
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.present import ABSENT, Present, check_as_shown, find_present, target_of
from runtime.tools.registry import ToolArguments
from runtime.tools.secret_names import needs_care
from runtime.tools.uninterrupted import Halt, in_thread
from runtime.tools.visible import shorten

_MOST_CHARACTERS = 1_000_000
_PREVIEW = 200_000


class WriteFileArguments(ToolArguments):
    path: str = Field(min_length=1, max_length=4096, description="The file, relative to the workspace.")
    content: str = Field(max_length=_MOST_CHARACTERS, description="All that the file shall contain, as UTF-8.")


class WriteFile:
    name = "write_file"
    version = "1"
    description = "Write a text file in the workspace, whole: what it held before is replaced. Makes missing folders."
    effect = Effect.IDEMPOTENT
    arguments = WriteFileArguments
    timeout = 60.0
    output_cap = 2_000

    async def assess(self, arguments: WriteFileArguments, workspace: Workspace) -> Assessment:
        return await in_thread(lambda halt: _assess(arguments, workspace, halt))

    async def run(self, arguments: WriteFileArguments, scope: ToolScope) -> Observation:
        return await in_thread(lambda halt: _write(arguments, scope, halt))


def _assess(arguments: WriteFileArguments, workspace: Workspace, halt: Halt) -> Assessment:
    try:
        with open_parent(workspace, arguments.path) as (folder, name):
            present = find_present(folder, name, arguments.path, halt)
    except ToolFailed as failed:
        if failed.code != "not_found":
            raise
        present = None
    unchanged = present is not None and present.target == target_of(arguments.content)
    sensitive = needs_care(arguments.path)
    return Assessment(
        risk=Risk.HIGH if sensitive else Risk.MEDIUM,
        why_asked=_why(arguments, present, unchanged=unchanged, sensitive=sensitive),
        preview="" if unchanged else _preview(arguments, present),
        target=present.target if present else ABSENT,
        unchanged=unchanged,
    )


def _why(arguments: WriteFileArguments, present: Present | None, *, unchanged: bool, sensitive: bool) -> str:
    size = len(arguments.content.encode())
    if unchanged:
        words = f"The file says exactly this already ({size:,} bytes): nothing would change."
    elif present is None:
        words = f"It makes a new file of {size:,} bytes."
    else:
        words = f"It replaces a file of {present.size:,} bytes with {size:,} bytes."
    return f"{words} The name says that it may hold secrets, or decide what programs do." if sensitive else words


def _preview(arguments: WriteFileArguments, present: Present | None) -> str:
    if present is None or present.text is not None:
        before = present.text if present else None
        return shorten(difference(before, arguments.content, arguments.path), _PREVIEW)[0]
    lost = f"[{present.size:,} bytes that cannot be compared as text would be lost: {present.target}]\n"
    return lost + shorten(difference(None, arguments.content, arguments.path), _PREVIEW)[0]


def _write(arguments: WriteFileArguments, scope: ToolScope, halt: Halt) -> Observation:
    content = arguments.content.encode()
    with open_parent(scope.workspace, arguments.path, create=True) as (folder, name):
        present = find_present(folder, name, arguments.path, halt)
        if present is not None and present.target == target_of(arguments.content):
            return Observation(ok=True, text=f"{arguments.path} says exactly this already.", metadata={"written": 0})
        check_as_shown(present, scope.target, arguments.path)
        put_in_place(folder, name, content, key=scope.key, present=present, halt=halt)
    verb = "replaced" if present else "made"
    return Observation(
        ok=True, text=f"{arguments.path} was {verb}: {len(content):,} bytes.", metadata={"written": len(content)}
    )
