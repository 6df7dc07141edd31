"""Temporary folders of ours. Their names say which process made them: what a killed one leaves behind can be told from
what somebody still works in."""

import os
import shutil
import stat
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from runtime.marks import is_orphaned, new_mark

_PREFIX = "mallard-"


def own_folder(lasting: ExitStack, place: Path | None = None) -> Path:
    """A new one in `place`, where temporary files go otherwise; removed once `lasting` is closed."""
    folder = (place or Path(tempfile.gettempdir())) / f"{_PREFIX}{new_mark()}"
    folder.mkdir(mode=0o700)
    lasting.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def remove_left_behind(place: Path | None = None) -> None:
    """Remove those of processes that are there no more. Somebody else's folder of such a name stays, and so does what a
    link leads to, and all of it where nobody may look."""
    with suppress(OSError), os.scandir(place or tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and is_orphaned(entry.name.removeprefix(_PREFIX)) and _is_ours(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_ours(entry: "os.DirEntry[str]") -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
