"""Putting a skill on a shelf in one go: whoever looks meanwhile, or comes after a crash, finds the old one or the new."""

import contextlib
import ctypes
import errno
import os
import secrets
import shutil
from collections.abc import Mapping

from runtime.skills.records import Held
from runtime.skills.shelf import Shelf
from runtime.tools.confinement import open_parent

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_EXCHANGE = 2  # RENAME_EXCHANGE, renameat2(2)


def put_on_shelf(shelf: Shelf, name: str, held: Mapping[str, Held]) -> None:
    """Make the folder of a skill hold exactly these files. Raises ToolFailed where a link is in the way, or OSError."""
    staged = f".mallard-{secrets.token_hex(6)}"
    with open_parent(shelf.base, shelf.path_of(name), create=True) as (folder, _):
        try:
            for path, each in held.items():
                _write(shelf, f"{shelf.path_of(staged)}/{path}", each)
            if _is_there(folder, name):
                _exchange(folder, staged, name)
            else:
                os.rename(staged, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        finally:
            _remove(folder, staged)


def _write(shelf: Shelf, path: str, held: Held) -> None:
    with open_parent(shelf.base, path, create=True) as (folder, name):
        with open(os.open(name, _NEW, 0o600, dir_fd=folder), "wb") as file:
            file.write(held.content)
            file.flush()
            os.fchmod(file.fileno(), 0o755 if held.runs else 0o644)
            os.fsync(file.fileno())
        os.fsync(folder)


def _exchange(folder: int, one: str, other: str) -> None:
    """Each gets the other's name, at once. Where the system or the disk cannot do that, there is a moment without the other."""
    with contextlib.suppress(AttributeError):  # a C library without it
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
        if renameat2(folder, os.fsencode(one), folder, os.fsencode(other), _EXCHANGE) == 0:
            return
        if (code := ctypes.get_errno()) not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(code, os.strerror(code), other)
    aside = f"{one}-aside"
    os.rename(other, aside, src_dir_fd=folder, dst_dir_fd=folder)
    os.rename(one, other, src_dir_fd=folder, dst_dir_fd=folder)
    os.rename(aside, one, src_dir_fd=folder, dst_dir_fd=folder)


def _remove(folder: int, name: str) -> None:
    if not _is_there(folder, name):
        return
    try:
        shutil.rmtree(name, dir_fd=folder)
    except NotADirectoryError:
        os.unlink(name, dir_fd=folder)


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
