"""shell_exec_safe: run a command in a shell, in sight of people, and leave nothing of it running."""

import asyncio
import logging
import secrets
import shutil
import signal
import time
from dataclasses import dataclass

from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.capture import Capture
from runtime.tools.failure import ToolFailed
from runtime.tools.offspring import MARK, Offspring
from runtime.tools.pipes import Pipes, open_pipes
from runtime.tools.port import Assessment, OnOutput, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.uninterrupted import to_the_end
from runtime.tools.visible import make_all_visible

_LOG = logging.getLogger(__name__)
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOST_BYTES = 100_000  # the kernel takes 128 KiB in one argument
_MOST_SECONDS = 600
_KEPT = 28_000
_CHUNK = 1 << 16
_GRACE = 1.0  # between asking and killing
_LAST_WORDS = 0.5  # for what the command has still in its pipe when it has ended


class ShellArguments(ToolArguments):
    command: str = Field(description="What to run, as for `bash -c`, in the workspace's top folder.")
    timeout_s: int = Field(default=60, ge=1, le=_MOST_SECONDS, description="Seconds after which it is stopped.")


@dataclass(kw_only=True)
class _Course:
    """What became of a command so far."""

    returncode: int | None = None
    timed_out: bool = False
    stopped: bool = False
    would_not_end: int = 0
    error: str = ""
    duration_ms: int = 0


class ShellExecSafe:
    name = "shell_exec_safe"
    version = "1"
    description = (
        "Run a shell command in the workspace. A person is always asked first. There is no terminal and no input; "
        "what it leaves running in the background is ended with it."
    )
    effect = Effect.EXTERNAL
    arguments = ShellArguments
    timeout = _MOST_SECONDS + 30.0
    output_cap = 30_000

    async def assess(self, arguments: ShellArguments, workspace: Workspace) -> Assessment:
        command = arguments.command
        if not command.strip():
            raise ToolFailed("The command is empty.")
        if "\x00" in command:
            raise ToolFailed("The command holds a NUL character, which no program can be given.")
        if len(command.encode()) > _MOST_BYTES:
            raise ToolFailed(f"The command is longer than {_MOST_BYTES:,} bytes: write it to a file and run that.")
        why = "It runs a shell command, which can change anything that Mallard's user may change, also outside the workspace."
        visible = make_all_visible(command)
        if visible == command:
            return Assessment(risk=Risk.HIGH, why_asked=why)
        hidden = "It holds characters that cannot be seen; they are written out here:"
        return Assessment(risk=Risk.HIGH, why_asked=f"{why} {hidden} {visible}", preview=visible)

    async def run(self, arguments: ShellArguments, scope: ToolScope) -> Observation:
        course, capture, began = _Course(), Capture(_KEPT), time.monotonic()
        try:
            await _follow(arguments, scope, course, capture)
        except asyncio.CancelledError:
            course.stopped = True
            raise
        finally:
            course.duration_ms = round((time.monotonic() - began) * 1000)
            await _audit(arguments, scope, course, capture)
        return _observation(course, capture, arguments.timeout_s)


async def _follow(arguments: ShellArguments, scope: ToolScope, course: _Course, capture: Capture) -> None:
    """Run the command, and return or raise only once nothing of it is running any more."""
    mark = secrets.token_hex(16)
    process: asyncio.subprocess.Process | None = None
    async with open_pipes() as pipes, asyncio.TaskGroup() as group:
        listening = group.create_task(_listen(pipes.reader, capture, scope.on_output))
        try:
            process = await _start(arguments.command, scope.workspace, mark, pipes)
            async with asyncio.timeout(arguments.timeout_s):
                course.returncode = await process.wait()
            await asyncio.wait({listening}, timeout=_LAST_WORDS)
        except TimeoutError:
            course.timed_out = True
        except OSError as error:
            course.error = error.strerror or type(error).__name__
        finally:
            pipes.close_their_ends()
            offspring = Offspring(mark=mark, lifeline=pipes.lifeline, leader=process.pid if process else None)
            await to_the_end(_end(process, offspring, course))
        await asyncio.wait({listening}, timeout=_LAST_WORDS)
        listening.cancel()  # somebody who escaped may hold the pipe open for ever


async def _start(command: str, workspace: Workspace, mark: str, pipes: Pipes) -> asyncio.subprocess.Process:
    bash = shutil.which("bash", path=_PATH)
    shell = [bash, "--noprofile", "--norc"] if bash else ["/bin/sh"]
    process = await asyncio.create_subprocess_exec(
        *shell,
        "-c",
        "--",
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=pipes.their_output,
        stderr=pipes.their_output,
        pass_fds=(pipes.their_lifeline,),
        cwd=workspace.path,
        env={"PATH": _PATH, "HOME": workspace.path, "LANG": "C.UTF-8", "TERM": "dumb", MARK: mark},
        start_new_session=True,
    )
    pipes.close_their_ends()
    return process


async def _listen(reader: asyncio.StreamReader, capture: Capture, on_output: OnOutput) -> None:
    while chunk := await reader.read(_CHUNK):
        if text := capture.add(chunk):
            await on_output(text)
    if text := capture.add(b"", last=True):
        await on_output(text)


async def _end(process: asyncio.subprocess.Process | None, offspring: Offspring, course: _Course) -> None:
    """End the whole family; most commands leave nobody, and then this is one look."""
    if course.returncode is None:
        offspring.ask_group_to_end()  # now: the thread that does the rest may have to wait for its turn
    course.would_not_end = await asyncio.to_thread(offspring.end, _GRACE)
    if process is not None and not course.would_not_end:
        course.returncode = await process.wait()


async def _audit(arguments: ShellArguments, scope: ToolScope, course: _Course, capture: Capture) -> None:
    """Say what was run, once and to the end; where it was stopped, that outweighs a record that cannot be written."""
    entry = {
        "command": arguments.command,
        "cwd": scope.workspace.path,
        "returncode": course.returncode,
        "duration_ms": course.duration_ms,
        "timed_out": course.timed_out,
        "stopped": course.stopped,
        "output_bytes": capture.size,
        "would_not_end": course.would_not_end,
        "error": course.error,
    }
    try:
        await to_the_end(scope.audit(entry))
    except Exception:
        if not course.stopped:
            raise
        _LOG.warning("the audit of a stopped command was not recorded", exc_info=True)


def _observation(course: _Course, capture: Capture, limit: int) -> Observation:
    output = str(capture)
    if output and not output.endswith("\n"):
        output += "\n"
    ok = course.returncode == 0 and not course.timed_out
    error = "" if ok else "timed_out" if course.timed_out else "not_started" if course.error else "exit_status"
    return Observation(
        ok=ok,
        text=f"{output}[{_ending(course, limit)}]",
        error=error,
        metadata={
            "returncode": course.returncode,
            "duration_ms": course.duration_ms,
            "truncated": capture.left_out > 0,
        },
    )


def _ending(course: _Course, limit: int) -> str:
    words = _outcome(course, limit)
    if course.would_not_end:
        words += f"; {course.would_not_end} of its processes could not be ended"
    return words


def _outcome(course: _Course, limit: int) -> str:
    match course:
        case _Course(timed_out=True):
            return f"stopped: it was not done after {limit} seconds"
        case _Course(error=str(error)) if error:
            return f"it could not be started: {error}"
        case _Course(returncode=int(code)) if code < 0:
            return f"ended by {_signal_name(-code)}"
        case _:
            return f"exit status {course.returncode}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
