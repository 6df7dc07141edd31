"""A server that is a program of ours: started with next to no environment, and ended with all that it started.

The SDK has a transport for this as well. This one differs where we promise more: the environment holds only what the
settings name, a line has a limit, noise has a limit, stderr is ours to mask, and grandchildren that left the process group
are found and ended too.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from runtime.marks import new_mark
from runtime.mcp.course import Course
from runtime.mcp.murmur import Murmur
from runtime.mcp.spec import ServerSpec
from runtime.tools.offspring import MARK, Offspring
from runtime.tools.pipes import Pipes, open_pipes
from runtime.tools.uninterrupted import to_the_end

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client import Transport  # noqa: F401 -- what this is one of
    from mcp.client._transport import TransportStreams

    Incoming = MemoryObjectSendStream[SessionMessage | Exception]
    Outgoing = MemoryObjectReceiveStream[SessionMessage]

LONGEST_MESSAGE = 4 << 20  # bytes; asyncio keeps up to twice as many
MOST_NOISE = 200  # lines in a row that are not the protocol
MOST_MESSAGES = 1_000  # at once; and then so many a second:
STEADY_MESSAGES = 50.0
_POLITE = 1.0  # seconds to leave by itself once its input has ended
_GRACE = 1.0  # seconds between asking and killing
_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)


@asynccontextmanager
async def open_stdio(spec: ServerSpec, course: Course, murmur: Murmur) -> "AsyncIterator[TransportStreams]":
    """Start the server and carry messages. At the end nothing that it started is running. Raises OSError."""
    to_us, incoming = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
    outgoing, to_them = anyio.create_memory_object_stream[SessionMessage](0)
    mark = new_mark()
    with to_us, incoming, outgoing, to_them:
        async with open_pipes() as pipes, asyncio.TaskGroup() as group:
            process: asyncio.subprocess.Process | None = None
            tasks: list[asyncio.Task[None]] = []
            try:
                process = await _start(spec, mark, pipes)
                tasks = [
                    group.create_task(_read(process, to_us, course, murmur)),
                    group.create_task(_write(process, to_them, course)),
                    group.create_task(_listen(pipes.reader, murmur)),
                ]
                yield incoming, outgoing
            finally:
                course.leave()
                pipes.close_their_ends()
                if process is not None:
                    offspring = Offspring(mark=mark, lifeline=pipes.lifeline, leader=process.pid)
                    await to_the_end(_end(process, offspring, tasks[:2]))
                for task in tasks:
                    task.cancel()


def environment_of(spec: ServerSpec, mark: str) -> dict[str, str]:
    """All that the server is told: where programs and its own things are, and what the settings name."""
    ours = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**ours, "LANG": "C.UTF-8", **spec.env, MARK: mark}


async def _start(spec: ServerSpec, mark: str, pipes: Pipes) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *spec.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=pipes.their_output,
        pass_fds=(pipes.their_lifeline,),
        cwd=spec.folder,
        env=environment_of(spec, mark),
        start_new_session=True,
        limit=LONGEST_MESSAGE,
    )
    pipes.close_their_ends()
    return process


async def _read(process: asyncio.subprocess.Process, to_us: "Incoming", course: Course, murmur: Murmur) -> None:
    assert process.stdout is not None  # noqa: S101 -- it was started with a pipe
    noise, pace = 0, _Pace()
    with to_us, suppress(*_BROKEN):
        while noise < MOST_NOISE:
            try:
                line = await process.stdout.readline()
            except ValueError:
                return course.died(f"it sent a message of more than {LONGEST_MESSAGE >> 20} MB")
            if not line:
                return course.died(await _why_ended(process, murmur))
            try:
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValueError:
                noise += 1
                murmur.hear_line(line[:2_000].decode(errors="replace"))
                continue
            noise = 0
            if not pace.is_bearable():
                return course.died("it floods us with messages")
            await to_us.send(SessionMessage(message))
        course.died("it floods its output with what is not the protocol")
    return None


class _Pace:
    """What a server may still say: a store that is used up by messages and fills again with time."""

    def __init__(self) -> None:
        self._at, self._left = time.monotonic(), float(MOST_MESSAGES)

    def is_bearable(self) -> bool:
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * STEADY_MESSAGES, MOST_MESSAGES) - 1
        self._at = now
        return self._left >= 0


async def _why_ended(process: asyncio.subprocess.Process, murmur: Murmur) -> str:
    await _within(_POLITE, process.wait())
    how = "closed its output" if process.returncode is None else f"ended (exit status {process.returncode})"
    last = murmur.last_words
    return f"its process {how}{f', saying: {last}' if last else ''}"


async def _write(process: asyncio.subprocess.Process, to_them: "Outgoing", course: Course) -> None:
    assert process.stdin is not None  # noqa: S101 -- it was started with a pipe
    with to_them:
        try:
            async for message in to_them:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(f"{text}\n".encode())
                await process.stdin.drain()
        except _BROKEN:
            course.died("its process does not read any more")


async def _listen(reader: asyncio.StreamReader, murmur: Murmur) -> None:
    while chunk := await reader.read(1 << 14):
        murmur.hear(chunk.decode(errors="replace"))


async def _end(process: asyncio.subprocess.Process, offspring: Offspring, talking: list[asyncio.Task[None]]) -> None:
    """The end of its input is the protocol's goodbye; whoever stays after that is ended, and so is all that it started."""
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018, S101 -- it was started with pipes
    for task in talking:
        task.cancel()
    if talking:
        await asyncio.wait(talking)
    draining = asyncio.ensure_future(_drain(process.stdout))  # one that is stuck in writing does not hear a goodbye
    await asyncio.to_thread(offspring.look)
    process.stdin.close()
    await _within(_POLITE, process.wait())
    await asyncio.to_thread(offspring.end, _GRACE)
    await _within(_GRACE, process.wait())
    await asyncio.wait({draining}, timeout=_GRACE)
    draining.cancel()


async def _drain(stdout: asyncio.StreamReader) -> None:
    while await stdout.read(1 << 16):
        pass


async def _within(seconds: float, wait: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wait
