"""Cells of each sandbox that this machine has."""

from pathlib import Path

import pytest

from tests.runtime.sandbox.cell import Cell, open_cell


@pytest.fixture(
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
        pytest.param("landlock", marks=pytest.mark.needs("landlock")),
    ]
)
def cell(request: pytest.FixtureRequest, tmp_path: Path) -> Cell:
    """A cell of each kind, one after the other."""
    return open_cell(request.param, tmp_path)


@pytest.fixture
def bubble(tmp_path: Path) -> Cell:
    """For what namespaces alone can promise."""
    return open_cell("bubblewrap", tmp_path)
