"""Where the lives of a module's tests come from."""

from collections.abc import Iterator

import pytest

from tests.crashes.nursery import Nursery


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened
