"""What tests of memories ask for: a shelf, with vectors or with words alone, and a desk in a room of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.storage.desk import Desk, open_desk
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


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Nothing else lies in its folder: whatever is left of something forgotten is found there."""
    async with open_desk(tmp_path / "room" / "mallard.db") as opened:
        yield opened
