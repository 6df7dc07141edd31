"""A chat without a person: lines from a pipe, and what an exit status tells a script."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from enum import IntEnum
from typing import TextIO, assert_never

from bots.terminal.chat import Chat
from bots.terminal.platform import TerminalPlatform
from bots.terminal.watch import Watch
from runtime.ports import Clock
from runtime.records import Run
from runtime.states import RunStatus


class ExitStatus(IntEnum):
    ANSWERED = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3
    DENIED = 4


async def follow_lines(
    platform: TerminalPlatform, clock: Clock, watch: Watch, source: TextIO, *, greeting: str
) -> ExitStatus:
    """Take one line after the other, each once the ones before it have come to rest; return after the last. The status says
    whether a run that was asked for here still waits for a decision."""
    chat = Chat(platform, clock, watch)
    platform.screen.say(greeting)
    await chat.greet()
    async for line in _read_lines(source):
        if not await chat.take(line):
            break
        await watch.wait_until_quiet(platform.where)
    waiting = chat.list_waiting()
    for run_id in waiting:
        platform.screen.say(f"Run {run_id} waits for a decision: mallard approvals")
    return ExitStatus.WAITING if waiting else ExitStatus.ANSWERED


def exit_status_of(run: Run) -> ExitStatus:
    match run.status:
        case RunStatus.COMPLETED:
            denied = any(call.denial for step in run.steps for call in step.calls)
            return ExitStatus.DENIED if denied else ExitStatus.ANSWERED
        case RunStatus.WAITING:
            return ExitStatus.WAITING
        case RunStatus.FAILED | RunStatus.CANCELLED | RunStatus.EXPIRED:
            return ExitStatus.FAILED
        case RunStatus.QUEUED | RunStatus.RUNNING:
            return ExitStatus.FAILED  # stopped while it was worked on
        case _:
            assert_never(run.status)


async def _read_lines(source: TextIO) -> AsyncIterator[str]:
    mode = os.fstat(source.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        for line in (await asyncio.to_thread(source.read)).splitlines():
            yield line
        return
    reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), source
    )
    try:
        while line_read := await reader.readline():
            yield line_read.decode(sys.stdin.encoding or "utf-8", "replace").rstrip("\r\n")
    finally:
        transport.close()
