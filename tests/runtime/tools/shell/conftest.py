"""A shell at a workspace of its own, that leaves no pipe open."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench, workspace_at


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=ShellExecSafe(), workspace=workspace_at(tmp_path))


@pytest.fixture(autouse=True)
def _no_descriptor_stays_open() -> Iterator[None]:
    before = _open_pipes()
    yield
    assert _open_pipes() <= before


def _open_pipes() -> int:
    folder = Path("/proc/self/fd")
    return sum(os.path.exists(entry) and entry.is_fifo() for entry in folder.iterdir())
