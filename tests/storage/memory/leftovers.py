"""Looking for bytes that should not be there, in a process of its own: closing a file would let go of the locks on it that
SQLite has in this one."""

import subprocess
import sys
from pathlib import Path

_LOOK = """
import pathlib, sys
folder, *words = sys.argv[1:]
for file in sorted(pathlib.Path(folder).rglob("*")):
    content = file.read_bytes().lower() if file.is_file() else b""
    for word in words:
        if word.lower().encode() in content or word.lower().encode("utf-16-le") in content:
            print(file.name, "has", word)
"""


def find_leftovers(folder: Path, *words: str) -> list[str]:
    """Which files below a folder contain which of the words, whatever their case."""
    assert [*folder.rglob("*.db")], f"there is no database in {folder}"
    found = subprocess.run(
        [sys.executable, "-c", _LOOK, str(folder), *words], capture_output=True, text=True, check=True
    )
    return found.stdout.splitlines()
