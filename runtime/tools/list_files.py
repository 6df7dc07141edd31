"""list_files: what is in a folder."""

import heapq
import os
import stat
from collections.abc import Iterator

from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.confinement import check_parts, enter, open_folder
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.uninterrupted import Halt, in_thread

_MOST_ENTRIES = 1_000


class ListFilesArguments(ToolArguments):
    path: str = Field(default=".", max_length=4096, description="A folder, relative to the workspace.")
    depth: int = Field(
        default=1, ge=1, le=10, description="How many levels down: 1 lists the folder alone, 2 also its subfolders."
    )


class ListFiles:
    name = "list_files"
    version = "1"
    description = "List a folder of the workspace: names, sizes in bytes, subfolders down to a depth."
    effect = Effect.NONE
    arguments = ListFilesArguments
    timeout = 30.0
    output_cap = 40_000

    async def assess(self, arguments: ListFilesArguments, workspace: Workspace) -> Assessment:
        check_parts(arguments.path)
        return Assessment(risk=Risk.NONE)

    async def run(self, arguments: ListFilesArguments, scope: ToolScope) -> Observation:
        return await in_thread(lambda halt: _list(arguments, scope.workspace, halt))


def _list(arguments: ListFilesArguments, workspace: Workspace, halt: Halt) -> Observation:
    prefix = "/".join(check_parts(arguments.path))
    lines: list[str] = []
    more = False
    with open_folder(workspace, arguments.path) as folder:
        for line in _walk(folder, prefix, arguments.depth, halt):
            if len(lines) == _MOST_ENTRIES:
                more = True
                break
            lines.append(line)
    shown = len(lines)
    if more:
        lines.append(f"[there is more than these {shown:,} entries: list a subfolder, or less deep]")
    return Observation(
        ok=True, text="\n".join(lines) or "[the folder is empty]", metadata={"entries": shown, "more": more}
    )


def _walk(folder: int, prefix: str, depth: int, halt: Halt) -> Iterator[str]:
    """One line for each entry, sorted within each folder, the inside of a folder right below it."""
    with os.scandir(folder) as entries:
        names = heapq.nsmallest(_MOST_ENTRIES + 1, (entry.name for entry in entries))
    for name in names:
        halt.check_going_on()
        path = f"{prefix}/{name}" if prefix else name
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            continue  # it went away while it was listed
        yield _line(path, found)
        # What git keeps for itself is of no use to a planner, and there is very much of it.
        if stat.S_ISDIR(found.st_mode) and depth > 1 and name != ".git":
            yield from _walk_below(folder, name, path, depth - 1, halt)


def _walk_below(folder: int, name: str, path: str, depth: int, halt: Halt) -> Iterator[str]:
    try:
        inner = enter(folder, name, path)
    except ToolFailed as failed:
        yield f"[{failed}]"
        return
    try:
        yield from _walk(inner, path, depth, halt)
    finally:
        os.close(inner)


def _line(path: str, found: os.stat_result) -> str:
    if stat.S_ISDIR(found.st_mode):
        return f"{path}/"
    if stat.S_ISLNK(found.st_mode):
        return f"{path}  (symbolic link, not followed)"
    if stat.S_ISREG(found.st_mode):
        return f"{path}  {found.st_size:,} bytes"
    return f"{path}  (not a regular file)"
