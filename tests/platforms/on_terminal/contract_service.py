"""The process of the contract at a terminal: `mallard chat` on a pseudo-terminal. Its window goes with the process."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.bots.terminals import Terminal
from tests.platforms.contract.scene import Card
from tests.platforms.contract.service import Service
from tests.platforms.on_terminal.paper import keys_offered


class PrintedCard(Struct, frozen=True):
    """What stood on the screen when somebody looked."""

    number: int
    text: str

    @property
    def labels(self) -> list[str]:
        return list(keys_offered(self.text, self.number))


class TerminalService(Service):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._terminal: Terminal | None = None
        self._earlier = ""

    @property
    def terminal(self) -> Terminal:
        assert self._terminal is not None, "there is no process"
        return self._terminal

    async def start(self) -> None:
        self._terminal = Terminal(self.folder).__enter__()
        await self._expect("Mallard is here")

    async def kill(self) -> None:
        self.terminal.kill()
        self.end()

    async def stop(self) -> None:
        self.terminal.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(self.terminal.leave) == 128 + signal.SIGTERM
        assert "Traceback" not in self.terminal.text()
        self.end()

    def end(self) -> None:
        if self._terminal is not None:
            self._earlier += self._terminal.text()
            self._terminal.__exit__(None, None, None)
            self._terminal = None

    async def says(self, text: str) -> None:
        self.terminal.type(text)

    async def card(self, number: int) -> Card:
        return PrintedCard(number, await self._expect(f"[s {number}] Show everything"))

    async def clicks(self, card: Card, label: str) -> None:
        assert isinstance(card, PrintedCard)
        self.terminal.type(f"{keys_offered(card.text, card.number)[label]} {card.number}")

    async def is_told(self, words: str) -> None:
        await self._expect(words)

    async def hears(self, words: str) -> None:
        await self._expect(words)

    def heard(self, words: str) -> int:
        return (self._earlier + self.terminal.text()).count(words)

    async def _expect(self, words: str) -> str:
        return await asyncio.to_thread(self.terminal.expect, words)


@asynccontextmanager
async def open_terminal_service(folder: Path, capture: Any = None) -> AsyncIterator[TerminalService]:
    """A terminal has no wire to be captured."""
    service = TerminalService(folder)
    try:
        yield service
    finally:
        service.end()
