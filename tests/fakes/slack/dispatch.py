"""Delivery of events and interactions: at once, late, several times, again when unacked, or never."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Literal

from tests.fakes.pulse import Pulse
from tests.fakes.record import Record
from tests.fakes.slack.envelopes import Envelope, EnvelopeKind, Pending, Receipt, Transport
from tests.fakes.slack.state import State
from tests.fakes.slack.wire import event_callback

Json = dict[str, Any]


class Dispatch:
    """`copies` of each event are sent; unacked ones come again after `retry_delays`.

    While the app is away (or `hold` was called) events wait in `held`; `when_away = "lose"` drops them instead, as
    Slack does when its retries are exhausted. Clicks and commands are never kept.
    """

    def __init__(self, *, state: State, record: Record, pulse: Pulse, transport: Transport) -> None:
        self._state = state
        self._record = record
        self._pulse = pulse
        self._tasks: set[asyncio.Task[Any]] = set()
        self.transport = transport
        self.copies = 1
        self.retry_delays: tuple[float, ...] = (0.0, 0.05, 0.1)
        self.when_away: Literal["hold", "lose"] = "hold"
        self.holding = False
        self.held: list[Envelope] = []
        self.lost: list[Envelope] = []
        self.sent: list[Envelope] = []
        self.receipts: list[Receipt] = []

    # events

    async def tell(self, events: Iterable[Json]) -> None:
        """Send each event, or hold it; returns when it is on the wire, not when it is acked."""
        for event in events:
            channel = self._state.channels.get(str(event.get("channel", "")))
            event_id = f"Ev{self._state.number():08d}"
            body = event_callback(self._state, event, event_id=event_id, channel=channel)
            await self._deliver(self._envelope("events_api", body))

    def tell_soon(self, events: Iterable[Json]) -> None:
        """The same, from where nothing can be awaited."""
        self._own(self.tell(list(events)))

    async def redeliver(self, event_id: str, *, attempt: int = 1) -> None:
        """Send an event again that was sent before, acked or not."""
        old = next(e for e in self.sent if e.event_id == event_id)
        await self._launch(self._again(old, attempt, "timeout"))

    def hold(self) -> None:
        self.holding = True

    async def release(self, *, backwards: bool = False) -> None:
        """Deliver what was held, and stop holding."""
        self.holding = False
        waiting, self.held = self.held, []
        for envelope in reversed(waiting) if backwards else waiting:
            await self._deliver(envelope)

    def lose(self) -> list[Envelope]:
        """Drop what is held: Slack gave up on it."""
        gone, self.held = self.held, []
        self.lost += gone
        return gone

    def app_came_back(self) -> None:
        if self.held and not self.holding:
            self._own(self.release())

    async def _deliver(self, envelope: Envelope) -> None:
        if self.holding or (not self.transport.connected and self.when_away == "hold"):
            self.held.append(envelope)
        elif not self.transport.connected:
            self.lost.append(envelope)
        else:
            for copy in range(self.copies):
                await self._launch(self._again(envelope, copy, "timeout") if copy else envelope)
        self._pulse.beat()

    async def _launch(self, envelope: Envelope) -> None:
        pending = await self._send(envelope)
        self._own(self._chase(pending))

    async def _chase(self, pending: Pending) -> None:
        """Slack's patience: three more attempts, then the event is lost."""
        receipt = await self._settled(pending)
        for attempt, delay in enumerate(self.retry_delays, start=1):
            if receipt.acked:
                return
            await asyncio.sleep(delay)
            again = self._again(pending.envelope, attempt, receipt.failure)
            if not self.transport.connected:
                await self._deliver(again)
                return
            receipt = await self._settled(await self._send(again))
        if not receipt.acked:
            self.lost.append(receipt.envelope)
            self._pulse.beat()

    # interactions

    async def ask(self, kind: EnvelopeKind, payload: Json) -> Receipt:
        """Send a click or a command once, and wait for the app's answer or its silence."""
        envelope = self._envelope(kind, payload)
        if self.transport.connected:
            return await self._settled(await self._send(envelope))
        self.lost.append(envelope)
        return Receipt(envelope=envelope, failure="the app is offline")

    # both

    async def settled(self) -> None:
        """Until every event under way is acked or lost."""
        while waiting := {task for task in self._tasks if task is not asyncio.current_task()}:
            await asyncio.wait(waiting)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _envelope(self, kind: EnvelopeKind, payload: Json) -> Envelope:
        return Envelope(id=f"env-{self._state.number():08d}", kind=kind, payload=payload)

    def _again(self, envelope: Envelope, attempt: int, reason: str) -> Envelope:
        return Envelope(
            id=f"env-{self._state.number():08d}",
            kind=envelope.kind,
            payload=envelope.payload,
            retry_attempt=attempt,
            retry_reason=reason if self._is_vendors(reason) else "timeout",
        )

    @staticmethod
    def _is_vendors(reason: str) -> bool:
        return reason.startswith(("http_", "connection_failed", "timeout"))

    async def _send(self, envelope: Envelope) -> Pending:
        self.sent.append(envelope)
        self._record.sent(envelope.kind, envelope.payload)
        return await self.transport.send(envelope)

    async def _settled(self, pending: Pending) -> Receipt:
        receipt = await asyncio.shield(pending.receipt)
        self.receipts.append(receipt)
        self._pulse.beat()
        return receipt

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_raise_in_loop)


def _raise_in_loop(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "delivery failed", "exception": error, "task": task})
