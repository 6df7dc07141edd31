"""As whom a command runs: never with more rights than whoever owns the workspace, and able to write in it."""

import os
from pathlib import Path

from msgspec import Struct

NOBODY = 65534


class Identity(Struct, frozen=True, kw_only=True):
    """`becomes` is the user and group to change to, None where we stay who we are. `is_root` says that the kernel still
    knows the command as root, whatever it is called inside: without any capability, but as the owner of root's files."""

    becomes: tuple[int, int] | None
    is_root: bool


def identity_for(workspace: Path) -> Identity:
    """Root hands a command to the owner of the workspace, so that what it makes there is the owner's; any other user
    has no choice."""
    if os.geteuid() != 0:
        return Identity(becomes=None, is_root=False)
    found = workspace.stat()
    if found.st_uid == 0:
        return Identity(becomes=None, is_root=True)
    return Identity(becomes=(found.st_uid, found.st_gid), is_root=False)


def count_processes(user: int) -> int:
    """How many processes a user has: the kernel counts them all against the limit, not only those of the sandbox."""
    count = 0
    for entry in os.scandir("/proc"):
        try:
            count += entry.name.isdigit() and entry.stat().st_uid == user
        except OSError:
            continue
    return count
