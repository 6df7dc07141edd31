"""Putting a skill on a shelf, so that a crash leaves the old one or the new one."""

import os
import secrets
import shutil
from collections.abc import Mapping

from runtime.skills.records import Held
from runtime.skills.shelf import Shelf
from runtime.tools.confinement import open_parent

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def put_on_shelf(shelf: Shelf, name: str, held: Mapping[str, Held]) -> None:
    """Make the folder of a skill hold exactly these files. Raises ToolFailed where a link is in the way, or OSError."""
    key = secrets.token_hex(6)
    staged, leaving = f".mallard-{key}-new", f".mallard-{key}-old"
    with open_parent(shelf.base, shelf.path_of(name), create=True) as (folder, _):
        try:
            for path, each in held.items():
                _write(shelf, f"{shelf.path_of(staged)}/{path}", each)
            if _is_there(folder, name):
                os.rename(name, leaving, src_dir_fd=folder, dst_dir_fd=folder)
            os.rename(staged, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        finally:
            for left in (staged, leaving):
                _remove(folder, left)


def _write(shelf: Shelf, path: str, held: Held) -> None:
    with open_parent(shelf.base, path, create=True) as (folder, name):
        with open(os.open(name, _NEW, 0o600, dir_fd=folder), "wb") as file:
            file.write(held.content)
            file.flush()
            os.fchmod(file.fileno(), 0o755 if held.runs else 0o644)
            os.fsync(file.fileno())
        os.fsync(folder)


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
