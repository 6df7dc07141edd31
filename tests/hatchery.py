"""Where most processes of these tests come from: one that has imported what the command imports, and forks a child for each.

A child is a process of its own with a folder, an environment, standard streams and an exit status of its own; only the
second that an interpreter takes to import everything is spent once, and in the end what was imported is not taken apart.
That a fresh interpreter can do it too, each command shows in test_cli_faults, Slack in test_up_slack, and Discord in
test_up_discord.
"""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from io import FileIO
from pathlib import Path
from typing import IO

from msgspec.structs import asdict

from tests.fork_server import Wanted

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
                [sys.executable, "-c", "from tests.fork_server import main; main()", str(theirs.fileno())],
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
                socket.send_fds(self._ours, [f"{json.dumps(asdict(wanted))}\n".encode()], [*streams, writing])
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
