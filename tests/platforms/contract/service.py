"""Mallard as the process that people start: with its own small planner, in real time, killed and stopped as processes are.

A platform takes part in this half of the contract by implementing `Service`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.platforms.contract.scene import Card


class Service(ABC):
    """One conversation of somebody who asks, and decides what they may decide. `folder` is where the process runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "workspace").mkdir()

    @abstractmethod
    async def start(self) -> None:
        """Start the process; return once people can talk to it."""

    @abstractmethod
    async def kill(self) -> None:
        """What `kill -9` does."""

    @abstractmethod
    async def stop(self) -> None:
        """Ask the process to end, and wait until it has: with the status that it should have, and nothing to regret."""

    @abstractmethod
    async def says(self, text: str) -> None:
        """Say something to Mallard in the conversation."""

    @abstractmethod
    async def card(self, number: int) -> Card:
        """The card of an approval, once it stands."""

    @abstractmethod
    async def clicks(self, card: Card, label: str) -> None:
        """Choose what a card offers, or offered."""

    @abstractmethod
    async def is_told(self, words: str) -> None:
        """Return once an answer to a click contains these words."""

    @abstractmethod
    async def hears(self, words: str) -> None:
        """Return once an answer in the conversation contains these words."""

    @abstractmethod
    def heard(self, words: str) -> int:
        """How many answers in the conversation contained these words."""

    def lines(self, name: str = "ran.txt") -> list[str]:
        """What a file of the workspace says; [] where there is none."""
        path = self.folder / "workspace" / name
        return path.read_text().splitlines() if path.exists() else []


OpenService = Callable[..., AbstractAsyncContextManager[Service]]
