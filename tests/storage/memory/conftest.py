"""A shelf for every test of memories that asks for one: once with vectors, once with words alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.storage.memory.embedding import BagOfWords
from tests.storage.memory.shelf import Shelf, open_shelf


@pytest.fixture
async def shelf(path: Path) -> AsyncIterator[Shelf]:
    async with open_shelf(path, embedder=BagOfWords()) as opened:
        yield opened


@pytest.fixture
async def wordy(path: Path) -> AsyncIterator[Shelf]:
    """Words alone."""
    async with open_shelf(path) as opened:
        yield opened
