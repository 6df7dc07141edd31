"""Processes for the tests of the command line: the real command, in a folder of its own."""

import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.command import COMMAND, environment
from tests.hatchery import hatchery

Mallard = Callable[..., subprocess.CompletedProcess[str]]


def run_mallard(folder: Path, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `mallard …` in a folder, to its end: in a process that need not import everything first."""
    return hatchery().run(arguments, folder=folder, environment=environment(**settings), stdin=stdin)


def run_fresh(folder: Path, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `mallard …` in a folder, to its end, by an interpreter of its own."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder, env=environment(**settings), input=stdin, text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def mallard(tmp_path: Path) -> Mallard:
    """Run `mallard …` in the test's folder, to its end."""
    return partial(run_mallard, tmp_path)


@pytest.fixture
def fresh_mallard(tmp_path: Path) -> Mallard:
    """The same by an interpreter that has imported nothing yet."""
    return partial(run_fresh, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a person at a terminal, with an empty workspace."""
    (tmp_path / "workspace").mkdir()
    return tmp_path


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what Mallard is told where the tests run."""
    for name in [name for name in os.environ if name.startswith("MALLARD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The workspace of the test's folder, with one file in it."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "notes.txt").write_text("buy bread\n")
    return folder
