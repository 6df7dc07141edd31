"""The stop button of a run: whatever the run waits for feels it, and cleans up."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """A person stopped the run while something was being awaited."""


class StopButton:
    """Pressed once, by whoever learns that a person asked. It costs a run nothing until then: no task, no event."""

    def __init__(self) -> None:
        self.pressed = False
        self._heeding: asyncio.Task[object] | None = None
        self._interrupted = False
        self._left = False
        self._thinks = False

    def press(self) -> None:
        """Stop what is being awaited in a `heeded` block, or whatever such a block begins next."""
        if self.pressed:
            return
        self.pressed = True
        if self._heeding is not None:
            self._interrupted = True
            self._heeding.cancel()

    def leave(self) -> None:
        """The worker leaves: a `thinking` block is cancelled for good, now or when it begins. Nothing else is."""
        self._left = True
        if self._thinks and self._heeding is not None:
            self._heeding.cancel()

    @contextmanager
    def thinking(self) -> Iterator[None]:
        """A `heeded` block that changes nothing in the world: whoever takes the run next does it again as well."""
        if self._left:
            raise asyncio.CancelledError
        with self.heeded():
            self._thinks = True
            try:
                yield
            finally:
                self._thinks = False

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Await no longer than until the button is pressed: then the block is cancelled, and raises Stopped.

        A cancellation from elsewhere passes through. A block that ends all the same has ended.
        """
        if self.pressed:
            raise Stopped
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  only coroutines can await
        cancelling = task.cancelling()
        self._heeding = task
        try:
            yield
        except asyncio.CancelledError:
            if self._release(task, cancelling):
                raise Stopped from None
            raise
        finally:
            self._release(task, cancelling)
            self._heeding = None

    def _release(self, task: "asyncio.Task[object]", cancelling: int) -> bool:
        """Take our own cancellation back; says whether it was the only one."""
        if not self._interrupted:
            return False
        self._interrupted = False
        return task.uncancel() <= cancelling
