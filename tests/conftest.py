"""Options of the whole test run."""

from tests.fakes.capture import pytest_addoption

__all__ = ["pytest_addoption"]
