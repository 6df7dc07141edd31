"""A shell at a workspace of its own, that leaves no pipe open: bare, or in each sandbox that this machine has."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox, sandbox_called


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=ShellExecSafe(find=no_sandbox), workspace=workspace_at(tmp_path))


@pytest.fixture(
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
        pytest.param("landlock", marks=pytest.mark.needs("landlock")),
    ]
)
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A shell in a sandbox."""
    find = sandbox_called(request.param)
    return Bench(tool=ShellExecSafe(judge, find=find), workspace=workspace_at(tmp_path))


@pytest.fixture(autouse=True)
def _no_descriptor_stays_open() -> Iterator[None]:
    before = _open_pipes()
    yield
    assert _open_pipes() <= before


def _open_pipes() -> int:
    folder = Path("/proc/self/fd")
    return sum(os.path.exists(entry) and entry.is_fifo() for entry in folder.iterdir())
