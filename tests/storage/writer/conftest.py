"""A database with one table, of ducks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.signals import Signals
from storage.database import Database


@pytest.fixture
def signals() -> Signals:
    return Signals()


@pytest.fixture
async def database(path: Path, signals: Signals) -> AsyncIterator[Database]:
    async with Database(path, signals) as opened:
        await opened.write(lambda tx: tx.execute("CREATE TABLE ducks (n INTEGER PRIMARY KEY) STRICT"))
        yield opened
