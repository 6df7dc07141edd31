"""The way into a workspace, and no way out of it.

Every component of a path is opened relative to the open folder before it, and links are never followed. So there is
no moment between looking and opening: whoever swaps a folder for a link meanwhile makes the tool fail, not stray.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from runtime.records import Workspace
from runtime.tools.failure import ToolFailed

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Opening a pipe that nobody writes to, or a device, must not wait: what it is, is looked at once it is open.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def check_parts(path: str) -> tuple[str, ...]:
    """The components of a path within a workspace; none for the workspace itself. Raises ToolFailed with words."""
    if "\x00" in path:
        raise ToolFailed("A path cannot hold a NUL character.")
    if path.startswith("/"):
        raise ToolFailed(f"{path} is an absolute path. Paths are relative to the workspace, as in `docs/notes.md`.")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise ToolFailed(f"{path} leads upwards with `..`. Name the path from the workspace's top instead.")
    return parts


@contextmanager
def open_folder(workspace: Workspace, path: str) -> Iterator[int]:
    """A folder of the workspace as an open descriptor. Raises ToolFailed where there is none, or a link is in the way."""
    with _walk(workspace, check_parts(path), create=False) as folder:
        yield folder


@contextmanager
def open_parent(workspace: Workspace, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
    """The open folder that holds `path`, and its last component. `create` makes the folders that are missing."""
    parts = check_parts(path)
    if not parts:
        raise ToolFailed("This path is the workspace itself, which is a folder.")
    with _walk(workspace, parts[:-1], create=create) as folder:
        yield folder, parts[-1]


@contextmanager
def open_file(folder: int, name: str, shown: str) -> Iterator[int]:
    """A regular file in an open folder, for reading. Raises ToolFailed (`not_found` where there is none)."""
    try:
        found = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        raise _refusal(folder, name, shown, error) from error
    try:
        check_regular(os.fstat(found), shown)
        yield found
    finally:
        os.close(found)


def enter(folder: int, name: str, shown: str) -> int:
    """Open the folder `name` within an open folder; the caller closes it. Raises ToolFailed."""
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except OSError as error:
        raise _refusal(folder, name, shown, error, wanted="a folder") from error


def check_regular(found: os.stat_result, shown: str) -> None:
    """Raises ToolFailed for a folder, a link, a pipe, a socket or a device."""
    if not stat.S_ISREG(found.st_mode):
        raise ToolFailed(f"{shown} is {_kind(found.st_mode)}, not a regular file.")


@contextmanager
def _walk(workspace: Workspace, parts: tuple[str, ...], *, create: bool) -> Iterator[int]:
    try:
        folder = os.open(workspace.path, _FOLDER)
    except OSError as error:
        raise ToolFailed(f"The workspace {workspace.id} cannot be opened: {error.strerror}.") from error
    try:
        for depth, name in enumerate(parts, start=1):
            if create:
                _make_folder(folder, name)
            inner = enter(folder, name, "/".join(parts[:depth]))
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _make_folder(folder: int, name: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
        os.fsync(folder)


def _refusal(folder: int, name: str, shown: str, error: OSError, *, wanted: str = "a file") -> ToolFailed:
    """What stands in the way, in words. What is named here was refused already, whatever it is by now."""
    if error.errno == errno.ENOENT:
        return ToolFailed(f"{shown} does not exist.", code="not_found")
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
        with suppress(OSError):
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            return ToolFailed(f"{shown} is {_kind(mode)}, not {wanted}.")
    return ToolFailed(f"{shown} cannot be opened: {error.strerror}.")


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symbolic link (links are not followed, so that nothing outside the workspace is touched)"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a regular file" if stat.S_ISREG(mode) else "a pipe, a socket or a device"
