"""A desk for every storage test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.in_memory import in_memory
from tests.storage.blank import lay_blank
from tests.storage.desk import Desk, open_desk


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    return in_memory(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mallard.db"


@pytest.fixture
async def desk(path: Path) -> AsyncIterator[Desk]:
    lay_blank(path)
    async with open_desk(path) as opened:
        yield opened
