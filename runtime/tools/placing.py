"""Putting a whole file in the place of another, so that a crash leaves the old one or the new one, and nothing else."""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from runtime.tools.present import Present
from runtime.tools.uninterrupted import Halt

_CHUNK = 1 << 20


def put_in_place(folder: int, name: str, content: bytes, *, key: str, present: Present | None, halt: Halt) -> None:
    """Make the file `name` of an open folder say exactly this, with the mode and owner of what stood there."""
    with _new_file(folder, key, present) as (temporary, descriptor):
        _write_all(descriptor, content, halt)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


@contextmanager
def _new_file(folder: int, key: str, present: Present | None) -> Iterator[tuple[str, int]]:
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
