"""Where the lives of a module's tests come from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crashes.nursery import Nursery
from tests.in_memory import in_memory


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    return in_memory(tmp_path)
