"""A chat without a person: lines from a pipe, or one message and its answer for a script."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from enum import IntEnum
from typing import TextIO, assert_never

from bots.terminal.chat import Chat
from bots.terminal.platform import TerminalPlatform
from bots.terminal.screens import KeptScreen, PlainScreen
from bots.terminal.watch import Watch
from bots.terminal.wording import write_content
from runtime.commands import Decide, read_command
from runtime.contents import Card, Text
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
) -> None:
    """Take one line after the other, each once the ones before it have come to rest; return after the last."""
    chat = Chat(platform, clock, watch)
    platform.screen.say(greeting)
    await chat.greet()
    async for line in _read_lines(source):
        if not await chat.take(line):
            break
        await watch.wait_until_quiet(platform.where)


async def ask_once(
    platform: TerminalPlatform, clock: Clock, watch: Watch, text: str, screen: KeptScreen, printed: PlainScreen
) -> ExitStatus:
    """Say one thing, print its answer and nothing else, and tell how it ended; a decision, how what it decided did."""
    command = read_command(text)
    number = command.number if isinstance(command, Decide) else None
    before = None if number is None else watch.find_asking(number)
    message_id = await Chat(platform, clock, watch).say(text)
    await watch.wait_until_quiet(platform.where)
    if run := watch.find_run(platform.where, message_id):
        if run.answer is not None:
            printed.show(Text(markdown=run.answer))
        return _tell_ending(run, platform, printed)
    for content in screen.shown:
        if not isinstance(content, Card):
            printed.show(content)
    if not isinstance(command, Decide):
        return ExitStatus.ANSWERED
    decided = None if number is None else watch.find_asking(number)
    if decided is None or decided == before:
        return ExitStatus.FAILED
    if decided.where != platform.where:
        return ExitStatus.ANSWERED  # it goes on where it was asked
    return _tell_ending(decided, platform, printed)


def _tell_ending(run: Run, platform: TerminalPlatform, printed: PlainScreen) -> ExitStatus:
    """Say what an answer does not say: how to decide, or what happened instead."""
    status = exit_status_of(run)
    if status is ExitStatus.WAITING:
        cards = [card for card in platform.cards.values() if card.run_id == run.id and card.buttons]
        for card in cards:
            printed.say(write_content(card))
        decide = " or ".join(f'mallard chat --once "approve {card.approval_id}"' for card in cards)
        printed.say(f"Run {run.id} waits for a decision. Decide and go on: {decide or 'mallard approvals'}")
    elif run.answer is None:
        printed.say(f"Run {run.id} {run.status}. {run.failure or f'mallard run {run.id} shows what happened.'}")
    return status


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
