"""A run's live presence on a platform: signs of work above, the answer being written below.

The rhythm is here; a platform brings a `Writer`, which writes one answer, and a `Sign`, which shows that somebody works.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol, TypeAlias

from runtime.chores import Chores
from runtime.ports import OnPosted
from runtime.records import MessageRef


class Writer(Protocol):
    """One answer being written. `flush` is called by one task, one call at a time, and never cut off."""

    @property
    def message(self) -> MessageRef | None:
        """What stands on the platform; None before the first flush."""
        ...

    @property
    def has_news(self) -> bool:
        """Whether `flush` would have something to show."""
        ...

    def add(self, text: str) -> None: ...

    async def flush(self) -> None:
        """Show what can be shown now. Raises nothing but what `on_posted` raises."""
        ...

    async def finish(self, markdown: str) -> bool:
        """Make the message say exactly this. False: it does not, or there is none."""
        ...

    async def abandon(self) -> None:
        """Leave the message as it is, to be found by its key, and not growing. After `finish` too."""
        ...


class Sign(Protocol):
    """How people see that somebody is at work. Neither method raises for what the platform did wrong."""

    def say(self, words: str) -> None:
        """Show these words from now on; "" for none."""
        ...

    async def end(self, *, suspended: bool) -> None:
        """Take every sign away. `suspended` says that the run waits for a person."""
        ...


AnswerOf: TypeAlias = Callable[[str, OnPosted], Writer]


class LiveStream:
    """`runtime.ports.Stream` for platforms that can show an answer growing.

    `answer_of` begins the answer with a key. Flushes are `flush_interval` seconds apart, the first comes at once.
    """

    def __init__(self, *, answer_of: AnswerOf, sign: Sign, chores: Chores, flush_interval: float) -> None:
        self._answer_of = answer_of
        self._sign = sign
        self._chores = chores
        self._flush_interval = flush_interval
        self._answer: Writer | None = None
        self._news = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    @property
    def message(self) -> MessageRef | None:
        return self._answer.message if self._answer else None

    async def status(self, text: str) -> None:
        self._sign.say(text)

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        self._sign.say("")
        self._answer = self._answer_of(key, on_posted)
        self._task = self._chores.spawn(self._show(self._answer), "answer", endless=True)

    async def append(self, text: str) -> None:
        self._raise_failure()
        if self._answer is not None:
            self._answer.add(text)
            self._news.set()

    async def finish_answer(self, markdown: str) -> bool:
        await self._end_task()
        self._raise_failure()
        return self._answer is not None and await self._answer.finish(markdown)

    async def close(self, *, suspended: bool) -> None:
        await self._end_task()
        if self._answer is not None:
            await self._answer.abandon()
        await self._sign.end(suspended=suspended)

    async def _show(self, answer: Writer) -> None:
        """Flush at once when there is something, then no sooner than an interval later."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                async with self._flushing:
                    await answer.flush()
            except Exception as failure:  # the caller's own, out of `on_posted`: it is given back to the caller
                self._failure = failure
                return
            await asyncio.sleep(self._flush_interval)
            if answer.has_news:
                self._news.set()

    async def _end_task(self) -> None:
        """A call to the platform that is under way is never cut off: its outcome would be unknown."""
        task, self._task = self._task, None
        if task is None:
            return
        async with self._flushing:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
