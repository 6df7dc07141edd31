"""read_file: the text of one file, or some lines of it."""

import os

from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.confinement import check_parts, open_file, open_parent
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.secret_names import looks_secret
from runtime.tools.uninterrupted import Halt, in_thread

_MOST_BYTES = 10_000_000
_CHUNK = 1 << 20
_SNIFFED = 8192


class ReadFileArguments(ToolArguments):
    path: str = Field(min_length=1, max_length=4096, description="A text file, relative to the workspace.")
    start: int = Field(default=1, ge=1, le=10_000_000, description="The first line wanted, counted from 1.")
    count: int | None = Field(
        default=None, ge=1, le=100_000, description="How many lines; as many as fit where it is left out."
    )


class ReadFile:
    name = "read_file"
    version = "1"
    description = "Read a text file of the workspace, whole or some lines of it."
    effect = Effect.NONE
    arguments = ReadFileArguments
    timeout = 30.0
    output_cap = 40_000

    async def assess(self, arguments: ReadFileArguments, workspace: Workspace) -> Assessment:
        check_parts(arguments.path)
        if looks_secret(arguments.path):
            why = "The name says that this file may hold passwords or keys. What is read goes to the language model."
            return Assessment(risk=Risk.HIGH, why_asked=why, reads_untrusted=True)
        return Assessment(risk=Risk.NONE, reads_untrusted=True)

    async def run(self, arguments: ReadFileArguments, scope: ToolScope) -> Observation:
        room = self.output_cap - 200
        return await in_thread(lambda halt: _read(arguments, scope.workspace, room, halt))


def read_text(descriptor: int, shown: str, most_bytes: int, halt: Halt) -> str:
    """The whole of an open file as text; what is not UTF-8 is replaced. Raises ToolFailed if binary or too large."""
    size = os.fstat(descriptor).st_size
    if size > most_bytes:
        raise ToolFailed(f"{shown} has {size:,} bytes, more than the {most_bytes:,} that are read.", code="too_large")
    content = bytearray()
    while chunk := os.read(descriptor, _CHUNK):
        halt.check_going_on()
        if not content and b"\x00" in chunk[:_SNIFFED]:
            raise ToolFailed(f"{shown} is not a text file ({size:,} bytes).", code="binary")
        content += chunk
        if len(content) > most_bytes:
            raise ToolFailed(f"{shown} grew while it was read.", code="too_large")
    return content.decode("utf-8-sig", errors="replace")


def _read(arguments: ReadFileArguments, workspace: Workspace, room: int, halt: Halt) -> Observation:
    with (
        open_parent(workspace, arguments.path) as (folder, name),
        open_file(folder, name, arguments.path) as descriptor,
    ):
        text = read_text(descriptor, arguments.path, _MOST_BYTES, halt)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    first = arguments.start - 1
    if first and first >= len(lines):
        raise ToolFailed(f"{arguments.path} has only {len(lines):,} lines.", code="not_found")
    wanted = _that_fit(lines[first : first + (arguments.count or len(lines))], room)
    last = first + len(wanted)
    return Observation(
        ok=True,
        text="\n".join([*wanted, *_notes(lines, first, last)]),
        metadata={"lines": len(lines), "first": first + 1, "last": last},
    )


def _that_fit(lines: list[str], room: int) -> list[str]:
    """As many lines as there is room for, and one at least: its middle is left out if need be."""
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return lines[: max(number, 1)]
    return lines


def _notes(lines: list[str], first: int, last: int) -> list[str]:
    if not lines:
        return ["[the file is empty]"]
    notes = []
    if first > 0 or last < len(lines):
        notes.append(f"[lines {first + 1:,} to {last:,} of {len(lines):,}]")
    if lines[0].endswith("\r"):
        notes.append("[lines end with CR LF]")
    return notes
