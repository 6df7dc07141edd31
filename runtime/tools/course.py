"""A command on its way: started, listened to, and ended with all that it began."""

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, nullcontext

from msgspec import Struct

from runtime.marks import new_mark
from runtime.sandbox.port import Enclosed, SandboxUnfit
from runtime.tools.capture import Capture
from runtime.tools.child import Child, Usage
from runtime.tools.hearing import Hearing, Plain, Veiled
from runtime.tools.offspring import MARK, Offspring
from runtime.tools.pipes import Pipes, open_pipes
from runtime.tools.port import OnOutput
from runtime.tools.told import telling
from runtime.tools.uninterrupted import to_the_end

_CHUNK = 1 << 16
GRACE = 1.0  # between asking and killing
_LAST_WORDS = 0.5  # for what the command has still in its pipe when it has ended


class Course(Struct, kw_only=True):
    """What became of a command so far. `not_begun` is what sudo said that did not begin it; None for any other."""

    not_begun: str | None = None
    returncode: int | None = None
    timed_out: bool = False
    stopped: bool = False
    would_not_end: int = 0
    error: str = ""
    unfit: str = ""
    duration_ms: int = 0
    usage: Usage | None = None


class Departure(Struct, frozen=True, kw_only=True):
    """How a command is to be started. `enclose` is given the environment's mark and may take a while, off the loop;
    `keeps_family`: whoever kills the process that is started has killed everybody. `password` is told on the input to who
    runs it for us: then it begins by saying the mark, and its input ends when it is to end."""

    folder: str
    enclose: Callable[[str, ExitStack], Enclosed]
    keeps_family: bool
    timeout_s: float
    password: bytearray | None = None


async def follow(departure: Departure, on_output: OnOutput, course: Course, capture: Capture) -> None:
    """Run a command, and return or raise only once nothing of it is running any more."""
    mark = new_mark()
    password = departure.password
    hearing = Plain() if password is None else Veiled(f"{MARK}={mark}", password)
    child: Child | None = None
    with ExitStack() as lasting, ExitStack() as input_lasts:
        async with open_pipes() as pipes, asyncio.TaskGroup() as group:
            listening = group.create_task(_listen(pipes.reader, hearing, capture, on_output))
            try:
                enclosed = await to_the_end(asyncio.to_thread(departure.enclose, f"{MARK}={mark}", lasting))
                child = _start(enclosed, departure, pipes, input_lasts)
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
                input_lasts.close()
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
    if isinstance(hearing, Veiled) and not hearing.begun:
        course.not_begun = hearing.before


def _start(enclosed: Enclosed, departure: Departure, pipes: Pipes, input_lasts: ExitStack) -> Child:
    """On the loop's own thread: what dies with its parent dies with the thread that started it."""
    password = departure.password
    with nullcontext(subprocess.DEVNULL) if password is None else telling(password, input_lasts) as source:
        child = Child(
            enclosed.argv,
            folder=departure.folder,
            environment=enclosed.environment,
            output=pipes.their_output,
            descriptors=(pipes.their_lifeline, *enclosed.descriptors),
            source=source,
        )
    pipes.close_their_ends()
    return child


async def _listen(reader: asyncio.StreamReader, hearing: Hearing, capture: Capture, on_output: OnOutput) -> None:
    while chunk := await reader.read(_CHUNK):
        if text := capture.add(hearing.add(chunk)):
            await on_output(text)
    if text := capture.add(hearing.end(), last=True):
        await on_output(text)


async def _end(child: Child | None, offspring: Offspring, course: Course) -> None:
    """End the whole family; most commands leave nobody, and then this is one look."""
    if course.returncode is None:
        offspring.ask_group_to_end()  # now: the thread that does the rest may have to wait for its turn
    course.would_not_end = await asyncio.to_thread(offspring.end, GRACE)
    if child is not None and not course.would_not_end:
        course.returncode = await child.wait()
        course.usage = child.usage
