"""The tool that most tests of the gateway run."""

from pathlib import Path

import pytest

from tests.runtime.tools.doubles import Bench, Echo, workspace_at


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=Echo(), workspace=workspace_at(tmp_path))


@pytest.fixture
def echo(bench: Bench) -> Echo:
    assert isinstance(bench.tool, Echo)
    return bench.tool
