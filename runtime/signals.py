"""Who is woken by what was committed: the in-process half of "wake by event, never by polling the work"."""

import asyncio
from collections.abc import Iterable
from enum import StrEnum


class Signal(StrEnum):
    QUEUED = "queued"  # a run can be claimed
    OWED = "owed"  # a delivery can be sent
    CANCEL = "cancel"  # somebody asked a running run to stop
    EXPIRY = "expiry"  # an approval got, or lost, an expiry
    AFTERTHOUGHTS = "afterthoughts"  # something is to be thought about a run that ended
    RUNS = "runs"  # some run changed its status


class Subscription:
    """Wakes one waiter. What came before `wait` is not missed."""

    def __init__(self, signals: frozenset[Signal]) -> None:
        self.signals = signals
        self._event = asyncio.Event()

    def notify(self) -> None:
        self._event.set()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for a signal, at most `timeout` seconds. Returns whether one came."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Signals:
    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self, *signals: Signal) -> Subscription:
        subscription = Subscription(frozenset(signals))
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.remove(subscription)

    def wake(self, signals: Iterable[Signal]) -> None:
        named = frozenset(signals)
        for subscription in self._subscriptions:
            if subscription.signals & named:
                subscription.notify()

    def wake_all(self) -> None:
        """Another process changed the record: nobody knows yet what."""
        self.wake(Signal)
