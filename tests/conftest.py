"""Options of the whole test run."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.fakes.capture import pytest_addoption
from tests.in_memory import forget
from tests.needs import pytest_collection_modifyitems

__all__ = ["pytest_addoption", "pytest_collection", "pytest_collection_modifyitems"]

# A property is about what comes out; how long it takes on a busy machine is measured elsewhere. What fails is made smaller, but
# not explained: that traces every line, and takes longer than a test may.
settings.register_profile("mallard", deadline=None, phases=[phase for phase in Phase if phase is not Phase.explain])
settings.load_profile("mallard")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays until the end, and is not looked through for garbage again and again: that took a third of the
    collecting. What tests leave is looked for as ever."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """As ever; what belongs to it in memory ends with the test."""
    yield tmp_path
    forget(tmp_path)
