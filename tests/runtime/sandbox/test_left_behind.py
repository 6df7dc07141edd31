"""Folders that a killed Mallard left behind are removed by the next one, and nobody else's are."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.marks import new_mark
from runtime.sandbox.folders import own_folder, remove_left_behind
from runtime.sandbox.identity import NOBODY

pytestmark = [
    pytest.mark.promise(31),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux says when a process began"),
]

_KILLED = """
import os, signal, sys
from contextlib import ExitStack
from pathlib import Path
from runtime.sandbox.folders import own_folder
with ExitStack() as lasting:
    folder = own_folder(lasting, Path(sys.argv[1]))
    (folder / "in").mkdir()
    (folder / "in/it").write_text("what a command wrote")
    (folder / "out").symlink_to(sys.argv[2])
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for temporary files."""
    place = tmp_path / "temporary"
    place.mkdir()
    return place


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with a file in it, which nobody has asked to lose."""
    place = tmp_path / "kept"
    place.mkdir()
    (place / "file").touch()
    return place


def test_what_a_killed_one_left_behind_is_removed_and_no_link_is_followed(temporary: Path, kept: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(temporary), str(kept)], stdout=subprocess.PIPE, text=True, check=False
    )
    assert killed.returncode == -9
    (left,) = temporary.iterdir()
    assert killed.stdout.strip() == str(left)

    remove_left_behind(temporary)

    assert not left.exists()
    assert (kept / "file").exists()


def test_what_belongs_to_one_that_lives_stays_until_that_is_done_with_it(temporary: Path) -> None:
    with ExitStack() as lasting:
        mine = own_folder(lasting, temporary)
        remove_left_behind(temporary)
        assert mine.is_dir()
        assert mine.stat().st_mode & 0o777 == 0o700
    assert not list(temporary.iterdir())


def orphaned() -> str:
    """The mark of one whose number was given to us since."""
    namespace, pid, _, rest = new_mark().split("-")
    return f"{namespace}-{pid}-1-{rest}"


def test_what_names_one_whose_number_was_given_to_somebody_else_is_removed(temporary: Path) -> None:
    (temporary / f"mallard-{orphaned()}").mkdir()

    remove_left_behind(temporary)

    assert not list(temporary.iterdir())


@pytest.mark.parametrize("name", ["mallard-abcd1234", "mallard-1-999999999-1-ab", "mallard-", "mallard-soak-1-1", "x"])
def test_what_nobody_can_tell_the_owner_of_stays(temporary: Path, name: str) -> None:
    (temporary / name).mkdir()

    remove_left_behind(temporary)

    assert (temporary / name).is_dir()


def test_what_is_no_folder_stays(temporary: Path, kept: Path) -> None:
    (temporary / f"mallard-{orphaned()}").symlink_to(kept)
    (temporary / f"mallard-{orphaned()}").touch()

    remove_left_behind(temporary)

    assert len(list(temporary.iterdir())) == 2
    assert (kept / "file").exists()


def test_where_nobody_can_look_nothing_is_removed_and_nothing_fails(temporary: Path) -> None:
    remove_left_behind(temporary / "gone")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what is somebody else's")
def test_what_is_somebody_elses_stays(temporary: Path) -> None:
    theirs = temporary / f"mallard-{orphaned()}"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)

    remove_left_behind(temporary)

    assert theirs.is_dir()
