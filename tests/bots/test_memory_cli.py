"""What is remembered, looked after from the shell."""

import json
import shutil
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard, run_mallard


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that remembers three things. Tests work on copies of it."""
    folder = tmp_path_factory.mktemp("past")
    for said in (
        "remember that staging is called heron",
        "remember for the team: releases are on Thursday",
        "remember: tea",
    ):
        assert run_mallard(folder, "chat", "--once", said).returncode == 0
    return folder


@pytest.fixture
def lived_in(past: Path, mallard: Mallard, tmp_path: Path) -> Mallard:
    shutil.copytree(past, tmp_path, dirs_exist_ok=True)
    return mallard


def texts(output: str) -> list[str]:
    return [json.loads(line)["text"] for line in output.splitlines()]


def test_memories_are_listed_newest_first_and_searched_by_their_words(lived_in: Mallard) -> None:
    everything = ["tea", "releases are on Thursday", "staging is called heron"]
    assert texts(lived_in("memory", "list", "--json").stdout) == everything
    assert texts(lived_in("memory", "list", "--limit", "1", "--json").stdout) == everything[:1]
    assert texts(lived_in("memory", "search", "which day are releases?", "--json").stdout)[:1] == everything[1:2]
    table = lived_in("memory", "list").stdout
    assert "staging is called heron" in table
    assert "team" in table
    assert "Nothing is remembered about that." in lived_in("memory", "search", "swans").stdout


def test_a_memory_is_forgotten_after_asking(lived_in: Mallard) -> None:
    kept = lived_in("memory", "forget", "1", stdin="n\n")
    assert kept.returncode == 1
    assert "staging is called heron" in kept.stdout
    assert lived_in("memory", "forget", "1", "--yes").stdout == "Memory 1 is forgotten, for good.\n"
    assert "staging is called heron" not in texts(lived_in("memory", "list", "--all", "--json").stdout)
    again = lived_in("memory", "forget", "1", "--yes")
    assert again.returncode == 1
    assert "There is no memory 1." in again.stderr


def test_memories_are_exported_oldest_first_and_nothing_is_overwritten(lived_in: Mallard, tmp_path: Path) -> None:
    said = lived_in("memory", "export", "--to", "memories.jsonl")
    assert "3 memories stand in memories.jsonl." in said.stdout
    exported = (tmp_path / "memories.jsonl").read_text()
    assert texts(exported) == ["staging is called heron", "releases are on Thursday", "tea"]
    assert exported == lived_in("memory", "export").stdout
    refused = lived_in("memory", "export", "--to", "memories.jsonl")
    assert refused.returncode == 1
    assert "memories.jsonl" in refused.stderr
    assert (tmp_path / "memories.jsonl").read_text() == exported
