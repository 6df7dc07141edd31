"""The stop button of a run: whatever the run waits for feels it, and cleans up."""

import asyncio
from types import TracebackType


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

    def thinking(self) -> "Heeded":
        """A `heeded` block that changes nothing in the world: whoever takes the run next does it again as well."""
        return Heeded(self, thinks=True)

    def heeded(self) -> "Heeded":
        """Await no longer than until the button is pressed: then the block is cancelled, and raises Stopped.

        A cancellation from elsewhere passes through. A block that ends all the same has ended.
        """
        return Heeded(self, thinks=False)

    def begin(self, task: "asyncio.Task[object]", *, thinks: bool) -> None:
        if thinks and self._left:
            raise asyncio.CancelledError
        if self.pressed:
            raise Stopped
        self._heeding, self._thinks = task, thinks

    def end(self) -> bool:
        """Whether the task that heeded was interrupted."""
        interrupted, self._interrupted, self._heeding = self._interrupted, False, None
        return interrupted


class Heeded:
    """The block of `StopButton.heeded` and `StopButton.thinking`."""

    __slots__ = ("_button", "_cancelling", "_task", "_thinks")

    def __init__(self, button: StopButton, *, thinks: bool) -> None:
        self._button, self._thinks = button, thinks

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  only coroutines can await
        self._button.begin(task, thinks=self._thinks)
        self._task, self._cancelling = task, task.cancelling()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Our own cancellation is taken back; where it was the only one, it is what ended the block."""
        if self._button.end() and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise Stopped from None
