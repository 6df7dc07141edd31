"""The process that `tests.hatchery` has its children forked from: it imports what the command imports, then waits for wishes."""

import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import termios
import threading
from collections.abc import Callable
from io import TextIOWrapper
from typing import NoReturn

from msgspec import Struct

from runtime.masking.shapes import prepare

# By a command that needs them; each child that does would do so again.
_IMPORTED_LATE = (
    "anyio._backends._asyncio", "bots.terminal.interactive", "httpcore", "jsonschema", "runtime.models.embedded",
    "runtime.shell.classifying", "storage.migrations",
)  # fmt: skip


class Wanted(Struct, kw_only=True):
    """What a child is told."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    session: bool
    longest: int


def main() -> None:
    commands = importlib.import_module("bots.cli")
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"bots.cli.{module.name}")
    for name in _IMPORTED_LATE:
        importlib.import_module(name)
    prepare()
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a process with threads must not fork"
    nest = socket.socket(fileno=int(sys.argv[1]))
    keepers = set[int]()
    while request := _next_request(nest):
        wanted, descriptors = request
        if wanted.arguments[:1] == ["up"]:  # late as well, and so much that every fork takes longer
            importlib.import_module("bots.discord.guildhall")
            importlib.import_module("bots.slack.workspace")
        if (keeper := os.fork()) == 0:
            nest.close()
            _keep(wanted, descriptors)
        keepers.add(keeper)
        for each in descriptors:
            os.close(each)
        keepers = {each for each in keepers if os.waitpid(each, os.WNOHANG) == (0, 0)}


def _next_request(nest: socket.socket) -> tuple[Wanted, list[int]] | None:
    line, descriptors = b"", list[int]()
    while not line.endswith(b"\n"):
        more, brought, _, _ = socket.recv_fds(nest, 65_536, 4)
        if not more:
            return None
        line, descriptors = line + more, descriptors + brought
    return Wanted(**json.loads(line)), descriptors


def _keep(wanted: Wanted, descriptors: list[int]) -> NoReturn:
    """Have a child, say its number, wait for it, and say how it ended: whoever asked is no parent of its."""
    statuses = descriptors.pop()
    if (child := os.fork()) == 0:
        os.close(statuses)
        _become(wanted, descriptors)
    for each in descriptors:
        os.close(each)
    os.write(statuses, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):  # nobody wants to know any more
        os.write(statuses, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(wanted: Wanted, descriptors: list[int]) -> NoReturn:
    for ours, each in enumerate(descriptors):
        os.dup2(each, ours)
        os.close(each)
    if wanted.session:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.alarm(wanted.longest)
    os.chdir(wanted.folder)
    os.environ.clear()
    os.environ.update(wanted.environment)
    sys.argv[1:] = wanted.arguments
    assert isinstance(sys.stdout, TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())  # as an interpreter opens it
    _end(_status_of(importlib.import_module("bots.cli").app))


def _status_of(command: Callable[[], object]) -> int:
    """What an interpreter would end with after it; but of Ctrl-C, which the command itself heeds, it would die."""
    try:
        command()
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        print(ending.code, file=sys.stderr)
        return 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def _end(status: int) -> NoReturn:
    """End as multiprocessing's children do. An interpreter would take everything apart that was imported, and so first copy
    all of the memory that it shares with the one it was forked from. What this one made and left is still complained about."""
    gc.collect()
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()
    os._exit(status)
