"""write_file: make a file say exactly this."""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.confinement import check_parts, open_file, open_parent
from runtime.tools.difference import difference
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.secret_names import looks_secret
from runtime.tools.uninterrupted import Halt, in_thread
from runtime.tools.visible import shorten

_MOST_CHARACTERS = 1_000_000
_MOST_COMPARED_BYTES = 4_000_000
_PREVIEW = 200_000
_ABSENT = "absent:"
_CHUNK = 1 << 20


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Present:
    """What stands there now. `text` is None where it is not text, or too long to compare."""

    target: str
    size: int
    text: str | None
    found: os.stat_result


def _assess(arguments: WriteFileArguments, workspace: Workspace, halt: Halt) -> Assessment:
    try:
        with open_parent(workspace, arguments.path) as (folder, name):
            present = _find_present(folder, name, arguments.path, halt)
    except ToolFailed as failed:
        if failed.code != "not_found":
            raise
        present = None
    unchanged = present is not None and present.target == _target_of(arguments.content)
    sensitive = ".git" in check_parts(arguments.path.casefold()) or looks_secret(arguments.path)
    return Assessment(
        risk=Risk.HIGH if sensitive else Risk.MEDIUM,
        why_asked=_why(arguments, present, unchanged=unchanged, sensitive=sensitive),
        preview="" if unchanged else _preview(arguments, present),
        target=present.target if present else _ABSENT,
        unchanged=unchanged,
    )


def _why(arguments: WriteFileArguments, present: _Present | None, *, unchanged: bool, sensitive: bool) -> str:
    size = len(arguments.content.encode())
    if unchanged:
        words = f"The file says exactly this already ({size:,} bytes): nothing would change."
    elif present is None:
        words = f"It makes a new file of {size:,} bytes."
    else:
        words = f"It replaces a file of {present.size:,} bytes with {size:,} bytes."
    return f"{words} The name says that it may hold secrets, or decide what programs do." if sensitive else words


def _preview(arguments: WriteFileArguments, present: _Present | None) -> str:
    if present is None or present.text is not None:
        before = present.text if present else None
        return shorten(difference(before, arguments.content, arguments.path), _PREVIEW)[0]
    lost = f"[{present.size:,} bytes that cannot be compared as text would be lost: {present.target}]\n"
    return lost + shorten(difference(None, arguments.content, arguments.path), _PREVIEW)[0]


def _write(arguments: WriteFileArguments, scope: ToolScope, halt: Halt) -> Observation:
    content = arguments.content.encode()
    with open_parent(scope.workspace, arguments.path, create=True) as (folder, name):
        present = _find_present(folder, name, arguments.path, halt)
        if present is not None and present.target == _target_of(arguments.content):
            return Observation(ok=True, text=f"{arguments.path} says exactly this already.", metadata={"written": 0})
        _check_as_shown(present, scope.target, arguments.path)
        with _new_file(folder, scope.key, present) as (temporary, descriptor):
            _write_all(descriptor, content, halt)
            os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
    verb = "replaced" if present else "made"
    return Observation(
        ok=True, text=f"{arguments.path} was {verb}: {len(content):,} bytes.", metadata={"written": len(content)}
    )


def _check_as_shown(present: _Present | None, shown: str, path: str) -> None:
    if shown and shown != (present.target if present else _ABSENT):
        raise ToolFailed(f"{path} changed since the change was shown. Nothing was written.", code="target_changed")


def _find_present(folder: int, name: str, shown: str, halt: Halt) -> _Present | None:
    try:
        with open_file(folder, name, shown) as descriptor:
            return _read_present(descriptor, halt)
    except ToolFailed as failed:
        if failed.code == "not_found":
            return None
        raise


def _read_present(descriptor: int, halt: Halt) -> _Present:
    fingerprint, kept, size = hashlib.sha256(), bytearray(), 0
    while chunk := os.read(descriptor, _CHUNK):
        halt.check_going_on()
        fingerprint.update(chunk)
        size += len(chunk)
        if size <= _MOST_COMPARED_BYTES:
            kept += chunk
    text = None
    if size == len(kept):
        with suppress(UnicodeDecodeError):
            text = kept.decode()
    target = f"sha256:{fingerprint.hexdigest()}"
    return _Present(target=target, size=size, text=text, found=os.fstat(descriptor))


def _target_of(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


@contextmanager
def _new_file(folder: int, key: str, present: _Present | None) -> Iterator[tuple[str, int]]:
    """A file beside the old one, with its mode and owner; gone afterwards unless it was renamed over it."""
    ours = f".mallard-{hashlib.sha256(key.encode()).hexdigest()[:12]}-"
    _remove_leftovers(folder, ours)
    temporary = f"{ours}{secrets.token_hex(6)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600 if present else 0o666, dir_fd=folder)
    try:
        if present is not None:
            with suppress(PermissionError):
                os.fchown(descriptor, present.found.st_uid, present.found.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(present.found.st_mode) & 0o777)
        yield temporary, descriptor
    finally:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)


def _remove_leftovers(folder: int, ours: str) -> None:
    """What an earlier attempt at this very call left when its process died."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(ours)]
    for name in names:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


def _write_all(descriptor: int, content: bytes, halt: Halt) -> None:
    """Every byte on the disk, or an exception; after this the rename is all that is left to do."""
    rest = memoryview(content)
    while rest:
        halt.check_going_on()
        rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
    os.fsync(descriptor)
    halt.check_going_on()
