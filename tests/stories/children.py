"""Real processes of the real command: started, killed, asked to end, and never left behind."""

import asyncio
import signal
from pathlib import Path

from tests.command import environment
from tests.hatchery import Hatched, hatch

PATIENCE = 60.0


class Child:
    """`mallard …` in a folder, which may die and come back. All of its lives write into one log there. With more than
    `patience` seconds to its end it hangs."""

    def __init__(self, folder: Path, *words: str, patience: float = PATIENCE) -> None:
        self.name = " ".join(words)
        self.log = folder / f"{'-'.join(words)}.log"
        self.lives = 0
        self.turn = asyncio.Lock()
        self._folder = folder
        self._words = words
        self._patience = patience
        self._process: Hatched | None = None

    async def start(self) -> None:
        self.lives += 1
        with self.log.open("ab") as log:
            log.write(f"--- life {self.lives}\n".encode())
            log.flush()
            self._process = await hatch(*self._words, folder=self._folder, environment=environment(), out=log)

    async def kill(self) -> None:
        """End it as a power cut would; without effect on one that is gone."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.ended()

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        assert await self.ended() == 0, f"`mallard {self.name}` did not end well: see {self.log}"

    async def ended(self) -> int:
        """Its exit status, once it ends by itself."""
        assert self._process is not None
        try:
            async with asyncio.timeout(self._patience):
                return await self._process.ended()
        except TimeoutError:
            raise AssertionError(f"`mallard {self.name}` did not end in {self._patience:g} s: see {self.log}") from None

    @property
    def is_gone(self) -> bool:
        return self._process is None or self._process.returncode is not None
