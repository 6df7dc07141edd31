"""Processes for the tests of the command line: the real command, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.bots.hatchery import hatchery

Mallard = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = (sys.executable, "-c", "from bots.cli import app; app()")


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of Mallard's, and with those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLARD_")}
    root = str(Path(__file__).parents[2])
    return clean | {"PYTHONPATH": root, "COLUMNS": "200", "LC_ALL": "C.UTF-8"} | settings


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
