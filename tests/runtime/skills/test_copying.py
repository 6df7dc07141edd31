"""A skill is put on its shelf in one go."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.records import Workspace
from runtime.skills.copying import put_on_shelf
from runtime.skills.records import Held
from runtime.skills.shelf import MOST_BYTES, Shelf, read_skill_at, shelf_of
from runtime.tools.uninterrupted import Halt
from tests.runtime.skills.folders import manual


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "skills").mkdir()
    return shelf_of(Workspace(id="main", path=str(tmp_path.resolve())))


def words(body: str) -> dict[str, Held]:
    return {"SKILL.md": Held(content=manual("deploy", body).encode()), "go.sh": Held(content=b"echo", runs=True)}


def test_what_stood_there_is_replaced_whole_and_nothing_else_is_left(shelf: Shelf) -> None:
    put_on_shelf(shelf, "deploy", words("One.") | {"old.md": Held(content=b"old")})
    put_on_shelf(shelf, "deploy", words("Two."))

    folder = Path(shelf.place)
    assert os.listdir(folder) == ["deploy"]
    assert sorted(os.listdir(folder / "deploy")) == ["SKILL.md", "go.sh"]
    assert (folder / "deploy" / "SKILL.md").read_text() == manual("deploy", "Two.")
    assert os.access(folder / "deploy" / "go.sh", os.X_OK)


def test_whoever_looks_while_a_skill_is_replaced_finds_one(shelf: Shelf) -> None:
    put_on_shelf(shelf, "deploy", words("One."))
    command = [sys.executable, "-c", _LOOK, f"{shelf.place}/deploy"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as looking:
        assert looking.stdin is not None
        assert looking.stdout is not None
        assert looking.stdout.readline() == "looking\n"
        for _ in range(100):
            put_on_shelf(shelf, "deploy", words("Two."))
        looking.stdin.close()
        looks, misses = map(int, looking.stdout.read().split())

    assert looks > 100
    assert misses == 0


_LOOK = """
import os, select, sys
print("looking", flush=True)
looks = misses = 0
while not (looks % 1_000 == 0 and select.select([0], [], [], 0)[0]):
    looks += 1
    misses += not os.path.exists(sys.argv[1])
print(looks, misses)
"""


def test_many_small_files_are_together_no_larger_than_one_may_be(shelf: Shelf) -> None:
    most = Held(content=bytes(MOST_BYTES - 10))

    put_on_shelf(shelf, "deploy", words("One.") | {"a.bin": most})

    assert f"more than {MOST_BYTES:,} bytes" in str(read_skill_at(shelf, "deploy", Halt()))[:300]
