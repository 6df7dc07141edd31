"""What a person's client of either loopback can do."""

from collections.abc import Sequence
from typing import Any, Protocol


class Receipt(Protocol):
    @property
    def acked(self) -> bool: ...


class Client(Protocol):
    """What a person's client of either loopback can do."""

    @property
    def modal(self) -> Any: ...

    @property
    def ephemerals(self) -> Sequence[Any]: ...

    async def clicks(self, on: Any, name: str) -> Receipt: ...

    async def submits(self, *, values: Any = None) -> Receipt: ...

    async def dms(self, text: str) -> Any: ...
