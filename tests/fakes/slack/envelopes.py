"""What travels to the app, whichever way: an envelope out, a receipt back."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from msgspec import Struct, field

EnvelopeKind = Literal["events_api", "interactive", "slash_commands"]


class Envelope(Struct, frozen=True, kw_only=True):
    id: str
    kind: EnvelopeKind
    payload: Mapping[str, Any]
    retry_attempt: int = 0
    retry_reason: str = ""

    @property
    def event_id(self) -> str | None:
        return self.payload.get("event_id") if self.kind == "events_api" else None

    @property
    def about(self) -> str:
        """The event's type, or the payload's, or the command: what a log would say."""
        event = self.payload.get("event")
        return str(event["type"] if event else self.payload.get("type") or self.payload.get("command"))


class Receipt(Struct, frozen=True, kw_only=True):
    """How the app answered one envelope: within `took` seconds, with `payload`; or not, and why."""

    envelope: Envelope
    took: float | None = None
    payload: Mapping[str, Any] | None = None
    failure: str = ""

    @property
    def acked(self) -> bool:
        return self.took is not None


class Pending(Struct, eq=False):
    """An envelope under way."""

    envelope: Envelope
    receipt: asyncio.Future[Receipt] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, *, took: float | None = None, payload: Any = None, failure: str = "") -> bool:
        """False when it was settled before; the first outcome stands."""
        if self.receipt.done():
            return False
        self.receipt.set_result(Receipt(envelope=self.envelope, took=took, payload=payload, failure=failure))
        return True


class Transport(Protocol):
    @property
    def connected(self) -> bool: ...

    async def send(self, envelope: Envelope) -> Pending:
        """Put it on the wire; the receipt follows."""
        ...
