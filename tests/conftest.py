"""Options of the whole test run."""

from hypothesis import settings

from tests.fakes.capture import pytest_addoption
from tests.needs import pytest_collection_modifyitems

__all__ = ["pytest_addoption", "pytest_collection_modifyitems"]

# A property is about what comes out; how long it takes on a busy machine is measured elsewhere.
settings.register_profile("mallard", deadline=None)
settings.load_profile("mallard")
