"""Where most commands of these tests come from: one process that has imported what they import, and forks a child for each.

A child is a process of its own with a folder, an environment, a standard input and an exit status of its own; only the
second that an interpreter takes to import everything is spent once. That a fresh interpreter can do it too, each command
shows in test_cli_faults.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

LONGEST_COMMAND = 60  # seconds; whatever takes longer hangs


class Hatchery:
    """It ends with the process that made it, and not before: it reads until nobody is there any more."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from tests.bots.hatchery import main; main()", str(theirs.fileno())],
                cwd=Path(__file__).parents[2], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        self._statuses = self._ours.makefile("r")

    def run(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `mallard …` to its end."""
        request = json.dumps({"arguments": arguments, "folder": str(folder), "environment": dict(environment)})
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            reading, writing = os.pipe()
            with os.fdopen(reading), os.fdopen(writing, "w") as typed:
                socket.send_fds(self._ours, [f"{request}\n".encode()], [reading, out.fileno(), err.fileno()])
                typed.write(stdin)
            status = self._statuses.readline()
            assert status, "the hatchery is gone"
            said, complained = (_read(file.fileno()) for file in (out, err))
        return subprocess.CompletedProcess(arguments, int(status), said, complained)


def _read(number: int) -> str:
    with open(os.dup(number), encoding="utf-8", newline=None) as file:
        file.seek(0)
        return file.read()


@cache
def hatchery() -> Hatchery:
    """That of this process, made when the first command is wanted."""
    return Hatchery()


def main() -> None:
    commands = importlib.import_module("bots.cli")
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"bots.cli.{module.name}")
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a process with threads must not fork"
    with socket.socket(fileno=int(sys.argv[1])) as nest:
        while request := _next_request(nest):
            wanted, descriptors = request
            child = os.fork()
            if child == 0:
                break
            for each in descriptors:
                os.close(each)
            _, status = os.waitpid(child, 0)
            nest.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        else:
            return
    _become(wanted, descriptors)
    commands.app()


def _next_request(nest: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    line, descriptors = b"", list[int]()
    while not line.endswith(b"\n"):
        more, brought, _, _ = socket.recv_fds(nest, 65_536, 3)
        if not more:
            return None
        line, descriptors = line + more, descriptors + brought
    wanted: dict[str, Any] = json.loads(line)
    return wanted, descriptors


def _become(wanted: dict[str, Any], descriptors: list[int]) -> None:
    for ours, each in enumerate(descriptors):
        os.dup2(each, ours)
        os.close(each)
    signal.alarm(LONGEST_COMMAND)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv[1:] = wanted["arguments"]
