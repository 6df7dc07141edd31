"""Waiting without sleeping: every change of a loopback wakes whoever waits for it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


class Pulse:
    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, look: Callable[[], Seen | None], *, timeout: float, explain: Callable[[], str]) -> Seen:
        """What `look` returns, as soon as that is true-ish; an AssertionError with `explain` otherwise."""
        try:
            async with asyncio.timeout(timeout):
                while not (seen := look()):
                    await self._next_beat()
                return seen
        except TimeoutError:
            raise AssertionError(f"not seen within {timeout:g} s. {explain()}") from None

    async def _next_beat(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)
