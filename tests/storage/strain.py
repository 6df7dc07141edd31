"""Real trouble for a database: a disk without room, a file that somebody else holds, another process at work."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Within, the kernel lets no file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def held_by_another(path: Path) -> Iterator[None]:
    """Within, another process has the database to itself."""
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.stdin.close()


def child(task: str, *arguments: object) -> "subprocess.Popen[str]":
    """A process of ours at one of the tasks in `tests.storage.children`; it speaks on its output, line by line."""
    command = [sys.executable, "-m", "tests.storage.children", task, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def race(children: "list[subprocess.Popen[str]]") -> list[str]:
    """Let them go at the same moment; what each said in the end."""
    for each in children:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in children:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    said = []
    for each in children:
        with each:
            said.append(each.communicate(timeout=60)[0])
    return said
