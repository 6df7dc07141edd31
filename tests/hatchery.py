"""Where most processes of these tests come from: one that has imported what the command imports, and forks a child for each.

A child is a process of its own with a folder, an environment, standard streams and an exit status of its own; only the
second that an interpreter takes to import everything is spent once, and in the end what was imported is not taken apart.
That a fresh interpreter can do it too, each command shows in test_cli_faults, Slack in test_up_slack, and Discord in
test_up_discord.
"""

import asyncio
import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import FileIO, TextIOWrapper
from pathlib import Path
from typing import IO, NoReturn

from runtime.masking.shapes import prepare

# By a command that needs them; each child that does would do so again.
_IMPORTED_LATE = (
    "anyio._backends._asyncio", "bots.terminal.interactive", "httpcore", "jsonschema", "runtime.models.embedded",
    "runtime.shell.classifying", "storage.migrations",
)  # fmt: skip
LONGEST_COMMAND = 60  # seconds; whatever is run to its end and takes longer hangs


class Hatched:
    """A process, as `subprocess.Popen` shows one: its parent waits for it, and writes down how it ended."""

    def __init__(self, pid: int, statuses: FileIO) -> None:
        self.pid = pid
        self._statuses = statuses
        self._status: int | None = None
        self._over: asyncio.Event | None = None  # of whoever awaits its end

    @property
    def returncode(self) -> int | None:
        """Its exit status, or the signal that ended it below zero; None while it lives."""
        if self._status is None and select.select([self._statuses], [], [], 0)[0]:
            self._read_status()
        return self._status

    def wait(self, timeout: float) -> int:
        """Its exit status, once it ends. Raises TimeoutError after so many seconds."""
        if self._status is None and not select.select([self._statuses], [], [], timeout)[0]:
            raise TimeoutError(f"process {self.pid} did not end in {timeout:g} s")
        return self._read_status()

    async def ended(self) -> int:
        """Its exit status, once it ends."""
        if self._status is None:
            if self._over is None:
                self._over, loop = asyncio.Event(), asyncio.get_running_loop()
                loop.add_reader(self._statuses, self._hear, loop, self._over)
            await self._over.wait()
        return self._read_status()

    def send_signal(self, number: int) -> None:
        """Without effect on one that is gone."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _read_status(self) -> int:
        if self._status is None:
            self._status = int(self._statuses.readline())
            if self._over is None:
                self._statuses.close()
        return self._status

    def _hear(self, loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
        loop.remove_reader(self._statuses)
        self._read_status()
        self._statuses.close()
        over.set()


class Hatchery:
    """It ends with the process that made it, and not before: it reads until nobody is there any more."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._turn = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from tests.hatchery import main; main()", str(theirs.fileno())],
                cwd=Path(__file__).parents[1], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def hatch(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
        session: bool = False,
        longest: int = 0,
    ) -> Hatched:
        """Begin `mallard …`, with the descriptors of its standard streams. `session`: with its standard input as its
        terminal. `longest`: seconds after which it is ended; 0 for never."""
        wanted = Wanted(
            arguments=list(arguments),
            folder=str(folder),
            environment=dict(environment),
            session=session,
            longest=longest,
        )
        reading, writing = os.pipe()
        statuses = FileIO(reading)  # unbuffered: what one line leaves must still be there to be waited for
        try:
            with self._turn:
                socket.send_fds(self._ours, [f"{json.dumps(vars(wanted))}\n".encode()], [*streams, writing])
                os.close(writing)
                pid = statuses.readline()
            assert pid, "the hatchery is gone"
        except BaseException:
            statuses.close()
            raise
        return Hatched(int(pid), statuses)

    def run(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `mallard …` to its end."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            reading, writing = os.pipe()
            with os.fdopen(reading), os.fdopen(writing, "w") as typed:
                process = self.hatch(
                    arguments, folder=folder, environment=environment, streams=(reading, out.fileno(), err.fileno()),
                    longest=LONGEST_COMMAND,
                )  # fmt: skip
                typed.write(stdin)
            status = process.wait(LONGEST_COMMAND + 1)
            said, complained = (read_again(file) for file in (out, err))
        return subprocess.CompletedProcess(arguments, status, said, complained)


async def hatch(*arguments: str, folder: Path, environment: Mapping[str, str], out: IO[bytes]) -> Hatched:
    """Begin `mallard …`, which reads nothing and writes all it says into a file; meanwhile others have their turn."""

    def begin() -> Hatched:
        with open(os.devnull, "rb") as nothing:
            streams = (nothing.fileno(), out.fileno(), out.fileno())
            return hatchery().hatch(arguments, folder=folder, environment=environment, streams=streams)

    return await asyncio.to_thread(begin)


def read_again(file: IO[bytes]) -> str:
    """All that whoever shares this file has written."""
    with open(os.dup(file.fileno()), encoding="utf-8", newline=None) as whole:
        whole.seek(0)
        return whole.read()


@cache
def hatchery() -> Hatchery:
    """That of this process, made when the first command is wanted."""
    return Hatchery()


@dataclass(kw_only=True)
class Wanted:
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
