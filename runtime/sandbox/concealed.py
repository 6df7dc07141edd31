"""Which files of a workspace a command must find empty."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from runtime.sandbox.port import SandboxUnfit
from runtime.tools.secret_names import is_secret_folder, looks_secret

MOST_ENTRIES = 200_000
MOST_FOUND = 400  # each costs a mount


def find_secrets(workspace: Path) -> tuple[Path, ...]:
    """Files, and whole folders, that by their names are likely to hold secrets. Raises SandboxUnfit where there are too many
    to know them all: what was not looked at cannot be kept from anybody."""
    found: list[Path] = []
    for path in _secrets_below(workspace):
        found.append(path)
        if len(found) > MOST_FOUND:
            raise SandboxUnfit(f"the workspace holds more than {MOST_FOUND} files that look secret")
    return tuple(found)


def _secrets_below(workspace: Path) -> Iterator[Path]:
    waiting, entries = [""], 0
    while waiting:
        folder = waiting.pop()
        try:
            listing = list(os.scandir(workspace / folder))
        except PermissionError:
            continue  # what we cannot list, nobody with fewer rights can
        entries += len(listing)
        if entries > MOST_ENTRIES:
            raise SandboxUnfit(f"the workspace has more than {MOST_ENTRIES:,} files, too many to hide its secrets")
        for entry in listing:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                continue  # it leads to what is hidden itself, or out of the sandbox
            if not entry.is_dir():
                if looks_secret(path):
                    yield workspace / path
            elif is_secret_folder(entry.name):
                yield workspace / path
            elif not path.endswith(".git/objects"):
                waiting.append(path)


def topmost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Without those that lie in others of them."""
    given = dict.fromkeys(paths)
    return tuple(path for path in given if given.keys().isdisjoint(path.parents))


def is_plain_git_configuration(path: Path) -> bool:
    """Whether a repository's configuration, without which git does nothing at all, names no password, no
    token and no program."""
    if path.name != "config" or ".git" not in path.parts:
        return False
    try:
        return not _TELLING.search(path.read_text(errors="replace"))
    except OSError:
        return False


_TELLING = re.compile(
    r"://[^/\s]*@|extraheader|passw|token|secret|cookie|\[include"
    r"|^\s*(?:\[.*\]\s*)?(?:external|textconv|command|program|clean|smudge|process|worktreeconfig|askpass|sshcommand)\s*="
    r"|fsmonitor\s*=(?!\s*(?:true|false)\s*$)",
    re.IGNORECASE | re.MULTILINE,
)


def inside(paths: Iterable[Path], place: Path) -> tuple[Path, ...]:
    """Those of the paths that lie in a place and are there."""
    return tuple(path for path in paths if path.is_relative_to(place) and path != place and path.exists())
