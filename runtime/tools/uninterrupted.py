"""Work that a cancelled caller still sees to its end, so that nothing is left running behind its back."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Halt:
    """How the event loop asks a thread to give up: the thread looks at it wherever it can stop cleanly."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        self._asked.set()

    def check_going_on(self) -> None:
        """Raises Halted once the caller is not waiting for a result any more."""
        if self._asked.is_set():
            raise Halted


class Halted(Exception):
    """The caller was cancelled; nobody reads this."""


async def in_thread(work: Callable[[Halt], T]) -> T:
    """Do blocking work off the event loop. When cancelled, asks it to halt and returns only once it has ended."""
    halt = Halt()
    return await to_the_end(asyncio.to_thread(work, halt), on_cancel=halt.ask)


async def to_the_end(work: Awaitable[T], *, on_cancel: Callable[[], None] = lambda: None) -> T:
    """Await `work` until it ends, come what may; a cancellation in the meantime is raised afterwards."""
    job = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not job.done():
        try:
            await asyncio.wait({job})
        except asyncio.CancelledError as error:
            cancelled = error
            on_cancel()
    if cancelled is not None:
        raise cancelled from (None if job.cancelled() else job.exception())
    return job.result()
