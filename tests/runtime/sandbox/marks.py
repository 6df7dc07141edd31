"""Marks of the tests of sandboxes: in which profile, and with what they run."""

import pytest

from runtime.sandbox.profiles import STRICT
from tests.runtime.sandbox.cell import APPROVED, NETWORK

EVERY = pytest.mark.parametrize("profile", [STRICT, APPROVED, NETWORK], ids=["strict", "approved", "network"])
WITH_BUBBLEWRAP = pytest.mark.needs("bubblewrap")
