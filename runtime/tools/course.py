"""A command on its way: started, listened to, and ended with all that it began."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from runtime.sandbox.port import Enclosed, SandboxUnfit
from runtime.tools.capture import Capture
from runtime.tools.child import Child, Usage
from runtime.tools.offspring import MARK, Offspring
from runtime.tools.pipes import Pipes, open_pipes
from runtime.tools.port import OnOutput
from runtime.tools.uninterrupted import to_the_end

_CHUNK = 1 << 16
_GRACE = 1.0  # between asking and killing
_LAST_WORDS = 0.5  # for what the command has still in its pipe when it has ended


@dataclass(kw_only=True)
class Course:
    """What became of a command so far."""

    returncode: int | None = None
    timed_out: bool = False
    stopped: bool = False
    would_not_end: int = 0
    error: str = ""
    unfit: str = ""
    duration_ms: int = 0
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """How a command is to be started. `enclose` is given the environment's mark and may take a while, off the loop;
    `keeps_family`: whoever kills the process that is started has killed everybody."""

    folder: str
    enclose: Callable[[str, ExitStack], Enclosed]
    keeps_family: bool
    timeout_s: float


async def follow(departure: Departure, on_output: OnOutput, course: Course, capture: Capture) -> None:
    """Run a command, and return or raise only once nothing of it is running any more."""
    mark = secrets.token_hex(16)
    child: Child | None = None
    with ExitStack() as lasting:
        async with open_pipes() as pipes, asyncio.TaskGroup() as group:
            listening = group.create_task(_listen(pipes.reader, capture, on_output))
            try:
                enclosed = await to_the_end(asyncio.to_thread(departure.enclose, f"{MARK}={mark}", lasting))
                child = _start(enclosed, departure.folder, pipes)
                async with asyncio.timeout(departure.timeout_s):
                    course.returncode = await child.wait()
                await asyncio.wait({listening}, timeout=_LAST_WORDS)
            except TimeoutError:
                course.timed_out = True
            except SandboxUnfit as unfit:
                course.unfit = str(unfit)
            except OSError as error:
                course.error = error.strerror or type(error).__name__
            finally:
                pipes.close_their_ends()
                offspring = Offspring(
                    mark=mark,
                    lifeline=pipes.lifeline,
                    leader=child.pid if child else None,
                    keeps_family=departure.keeps_family,
                )
                await to_the_end(_end(child, offspring, course))
            await asyncio.wait({listening}, timeout=_LAST_WORDS)
            listening.cancel()  # somebody who escaped may hold the pipe open for ever


def _start(enclosed: Enclosed, folder: str, pipes: Pipes) -> Child:
    """On the loop's own thread: what dies with its parent dies with the thread that started it."""
    child = Child(
        enclosed.argv,
        folder=folder,
        environment=enclosed.environment,
        output=pipes.their_output,
        descriptors=(pipes.their_lifeline, *enclosed.descriptors),
    )
    pipes.close_their_ends()
    return child


async def _listen(reader: asyncio.StreamReader, capture: Capture, on_output: OnOutput) -> None:
    while chunk := await reader.read(_CHUNK):
        if text := capture.add(chunk):
            await on_output(text)
    if text := capture.add(b"", last=True):
        await on_output(text)


async def _end(child: Child | None, offspring: Offspring, course: Course) -> None:
    """End the whole family; most commands leave nobody, and then this is one look."""
    if course.returncode is None:
        offspring.ask_group_to_end()  # now: the thread that does the rest may have to wait for its turn
    course.would_not_end = await asyncio.to_thread(offspring.end, _GRACE)
    if child is not None and not course.would_not_end:
        course.returncode = await child.wait()
        course.usage = child.usage
