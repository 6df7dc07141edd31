"""search_files: where a text occurs."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase

from msgspec import Struct, field
from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.confinement import check_parts, enter, open_file, open_folder, open_parent
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.read_file import read_text
from runtime.tools.registry import ToolArguments
from runtime.tools.secret_names import looks_secret
from runtime.tools.uninterrupted import Halt, in_thread

_MOST_MATCHES = 200
_MOST_FILES = 20_000
_MOST_FILE_BYTES = 5_000_000
_MOST_BYTES = 200_000_000
_MOST_DEPTH = 40
_LINE = 300


class SearchFilesArguments(ToolArguments):
    text: str = Field(min_length=1, max_length=1000, description="The text to find, as it stands: not a pattern.")
    path: str = Field(default=".", max_length=4096, description="A folder or file, relative to the workspace.")
    glob: str = Field(default="", max_length=200, description="Only files of such names, as in `*.py` or `docs/*.md`.")
    ignore_case: bool = Field(default=False, description="Whether upper and lower case are the same.")


class SearchFiles:
    name = "search_files"
    version = "1"
    description = (
        "Find a text in the files of the workspace; answers with lines as `path:line: text`. "
        "Leaves out what git keeps, files that are not text, and files whose names promise secrets."
    )
    effect = Effect.NONE
    arguments = SearchFilesArguments
    timeout = 60.0
    output_cap = 40_000

    async def assess(self, arguments: SearchFilesArguments, workspace: Workspace) -> Assessment:
        check_parts(arguments.path)
        return Assessment(risk=Risk.NONE, reads_untrusted=True)

    async def run(self, arguments: SearchFilesArguments, scope: ToolScope) -> Observation:
        return await in_thread(lambda halt: _Search(arguments, halt).through(scope.workspace))


class _Enough(Exception):
    """A limit was reached; its message says which."""


class _Search(Struct):
    asked: SearchFilesArguments
    halt: Halt
    matches: list[str] = field(default_factory=list)
    files: int = 0
    size: int = 0
    secret: int = 0
    unread: int = 0

    def through(self, workspace: Workspace) -> Observation:
        notes: list[str] = []
        try:
            self._start(workspace)
        except _Enough as enough:
            notes.append(f"[stopped: {enough}]")
        if self.secret:
            notes.append(f"[{self.secret:,} left out whose names promise secrets]")
        if self.unread:
            notes.append(f"[{self.unread:,} left out: not text, too large, or not readable]")
        nothing = [] if self.matches else ["[no match]"]
        return Observation(
            ok=True,
            text="\n".join([*self.matches, *nothing, *notes]),
            metadata={"matches": len(self.matches), "files": self.files},
        )

    def _start(self, workspace: Workspace) -> None:
        parts = check_parts(self.asked.path)
        if ".git" in parts:
            raise ToolFailed("What git keeps for itself is not searched.")
        path = "/".join(parts)
        if parts:
            with open_parent(workspace, path) as (folder, name):
                mode = _mode(folder, name)
                if mode is not None and stat.S_ISREG(mode):
                    self._file(folder, name, path)
                    return
        with open_folder(workspace, path) as folder:
            self._folder(folder, path, _MOST_DEPTH)

    def _folder(self, folder: int, prefix: str, depth: int) -> None:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            self.halt.check_going_on()
            path = f"{prefix}/{name}" if prefix else name
            mode = _mode(folder, name)
            if mode is None or name == ".git":
                continue
            if stat.S_ISDIR(mode) and depth:
                self._below(folder, name, path, depth - 1)
            elif stat.S_ISREG(mode) and self._is_wanted(path):
                self._file(folder, name, path)

    def _below(self, folder: int, name: str, path: str, depth: int) -> None:
        try:
            inner = enter(folder, name, path)
        except ToolFailed:
            self.unread += 1
            return
        try:
            self._folder(inner, path, depth)
        finally:
            os.close(inner)

    def _is_wanted(self, path: str) -> bool:
        glob = self.asked.glob
        return not glob or fnmatchcase(path if "/" in glob else path.rpartition("/")[2], glob)

    def _file(self, folder: int, name: str, path: str) -> None:
        if looks_secret(path):
            self.secret += 1
            return
        if self.files == _MOST_FILES or self.size > _MOST_BYTES:
            raise _Enough(f"{self.files:,} files were searched; name a subfolder or a glob")
        self.files += 1
        try:
            with open_file(folder, name, path) as descriptor:
                text = read_text(descriptor, path, _MOST_FILE_BYTES, self.halt)
        except (ToolFailed, OSError):
            self.unread += 1
            return
        self.size += len(text)
        for match in self._lines(text):
            if len(self.matches) == _MOST_MATCHES:
                raise _Enough(f"these are the first {_MOST_MATCHES} matches; search more narrowly")
            self.matches.append(f"{path}:{match}")

    def _lines(self, text: str) -> Iterator[str]:
        wanted = self._folded(self.asked.text)
        if wanted not in self._folded(text):
            return
        for number, line in enumerate(text.split("\n"), start=1):
            at = self._folded(line).find(wanted)
            if at >= 0:
                yield f"{number}: {_around(line.rstrip(), at)}"

    def _folded(self, text: str) -> str:
        return text.casefold() if self.asked.ignore_case else text


def _mode(folder: int, name: str) -> int | None:
    with suppress(OSError):
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    return None


def _around(line: str, at: int) -> str:
    """A long line is shown from a little before the match."""
    if len(line) <= _LINE:
        return line
    start = max(0, min(at - 60, len(line) - _LINE))
    return f"{'…' if start else ''}{line[start : start + _LINE]}…"
