"""No path, no link and no race leads out of the workspace, and nothing in it makes a tool wait for ever."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.records import Observation, Workspace
from runtime.tools.confinement import open_file, open_parent
from runtime.tools.failure import ToolFailed
from runtime.tools.list_files import ListFiles
from runtime.tools.port import Tool, ToolScope
from runtime.tools.read_file import ReadFile
from runtime.tools.search_files import SearchFiles
from runtime.tools.write_file import WriteFile, WriteFileArguments
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.swapper import Swapper

SECRET = "canary-outside"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file.txt").write_text(SECRET)
    return folder


@pytest.fixture
def inside(tmp_path: Path, outside: Path) -> Path:
    folder = tmp_path / "inside"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "file.txt").write_text("inner")
    (folder / "link.txt").symlink_to(outside / "file.txt")
    (folder / "linked").symlink_to(outside)
    (folder / "inner_link").symlink_to(folder / "sub")
    (folder / "dangling").symlink_to(outside / "new.txt")
    return folder


WAYS_OUT = [
    "../outside/file.txt",
    "sub/../../outside/file.txt",
    "/etc/passwd",
    "//etc/passwd",
    "link.txt",
    "linked/file.txt",
    "linked/new.txt",
    "dangling",
    "sub/../link.txt",
    "..",
    "inner_link/file.txt",
]


@pytest.mark.parametrize("path", WAYS_OUT)
async def test_no_way_out_for_reading(inside: Path, path: str) -> None:
    found = await _do(ReadFile(), inside, path=path)

    assert not found.ok
    assert SECRET not in found.text


@pytest.mark.parametrize("path", WAYS_OUT)
async def test_no_way_out_for_writing(inside: Path, outside: Path, path: str) -> None:
    before = _everything_below(outside)

    found = await _do(WriteFile(), inside, path=path, content="changed")

    assert not found.ok
    assert _everything_below(outside) == before
    assert (inside / "link.txt").is_symlink()


@pytest.mark.parametrize("path", ["..", "linked", "/", "sub/.."])
@pytest.mark.parametrize("tool", [ListFiles(), SearchFiles()], ids=lambda tool: tool.name)
async def test_no_way_out_for_looking_around(inside: Path, tool: Tool, path: str) -> None:
    arguments = {"path": path} | ({"text": "canary"} if tool.name == "search_files" else {})

    found = await _do(tool, inside, **arguments)

    assert not found.ok
    assert "file.txt" not in found.text


async def test_links_are_listed_and_not_followed(inside: Path) -> None:
    listed = await _do(ListFiles(), inside, depth=5)
    searched = await _do(SearchFiles(), inside, text="canary")

    assert "linked  (symbolic link, not followed)" in listed.text
    assert "linked/" not in listed.text
    assert searched.text == "[no match]"


async def test_a_refusal_says_that_a_link_is_in_the_way(inside: Path) -> None:
    assert "linked is a symbolic link" in (await _do(ReadFile(), inside, path="linked/file.txt")).text
    assert "link.txt is a symbolic link" in (await _do(ReadFile(), inside, path="link.txt")).text


@pytest.mark.parametrize("path", ["root/etc/passwd", "cwd/pyproject.toml", "fd/0", "exe"])
async def test_the_links_of_proc_lead_nowhere(path: str) -> None:
    found = await _do(ReadFile(), Path(f"/proc/{os.getpid()}"), path=path)

    assert not found.ok
    assert "symbolic link" in found.text


async def test_a_workspace_that_is_a_link_is_not_entered(inside: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(inside)
    workspace = Workspace(id="main", path=str(tmp_path / "alias"))

    with pytest.raises(ToolFailed, match="cannot be opened"), open_parent(workspace, "sub/file.txt"):
        pytest.fail("it was entered")


@contextmanager
def _socket_at(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(path.parent, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")  # an address has to be short
        os.close(folder)
        yield


@pytest.mark.timeout(10)
async def test_a_pipe_or_socket_is_refused_without_waiting(inside: Path) -> None:
    os.mkfifo(inside / "pipe")
    with _socket_at(inside / "socket"):
        for name in ("pipe", "socket"):
            assert "a pipe, a socket or a device" in (await _do(ReadFile(), inside, path=name)).text
            assert not (await _do(WriteFile(), inside, path=name, content="x")).ok
            assert "pipe  (not a regular file)" in (await _do(ListFiles(), inside)).text
        assert (await _do(SearchFiles(), inside, text="inner")).text == "sub/file.txt:1: inner"


@pytest.mark.timeout(10)
async def test_a_device_is_refused() -> None:
    found = await _do(ReadFile(), Path("/dev"), path="zero")

    assert "a pipe, a socket or a device" in found.text


async def test_writing_to_a_hard_link_leaves_the_file_outside_as_it_was(inside: Path, outside: Path) -> None:
    os.link(outside / "file.txt", inside / "hard.txt")

    found = await _do(WriteFile(), inside, path="hard.txt", content="changed")

    assert found.ok
    assert (inside / "hard.txt").read_text() == "changed"
    assert (outside / "file.txt").read_text() == SECRET


def test_a_folder_swapped_for_a_link_while_it_is_read_never_leads_out(tmp_path: Path, outside: Path) -> None:
    place = tmp_path / "race"
    place.mkdir()
    workspace = workspace_at(place)
    seen = {"inner": 0, "refused": 0}

    with Swapper(place, outside) as swapper:
        for _ in range(4_000):
            try:
                with (
                    open_parent(workspace, "swapped/file.txt") as (folder, name),
                    open_file(folder, name, name) as descriptor,
                ):
                    content = os.read(descriptor, 100).decode()
                assert content == "inner"
                seen["inner"] += 1
            except ToolFailed:
                seen["refused"] += 1

    # Both must have happened, or there was no race and nothing was shown.
    assert min(seen.values()) > 0, seen
    assert swapper.rounds > 0


async def test_a_folder_swapped_for_a_link_while_it_is_written_never_leads_out(tmp_path: Path, outside: Path) -> None:
    place = tmp_path / "race"
    place.mkdir()
    before = _everything_below(outside)
    seen = {"written": 0, "refused": 0}
    scope = ToolScope(workspace=workspace_at(place), key="1", on_output=_ignore, audit=_ignore)

    with Swapper(place, outside):
        for number in range(300):
            try:
                await WriteFile().run(WriteFileArguments(path="swapped/file.txt", content=f"inner {number}"), scope)
                seen["written"] += 1
            except (ToolFailed, OSError):  # or the folder it had just made was gone again
                seen["refused"] += 1

    assert _everything_below(outside) == before
    assert min(seen.values()) > 0, seen


PIECES = st.sampled_from(
    ["..", ".", "", "linked", "link.txt", "sub", "file.txt", "inner_link", "dangling", "~", "\\..", "new"]
)


@given(path=st.lists(PIECES, min_size=1, max_size=6).map("/".join) | st.text(min_size=1, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_no_path_at_all_leads_out(inside: Path, outside: Path, path: str) -> None:
    device, real = (
        os.stat(inside).st_dev,
        {entry.stat().st_ino for entry in (inside, *inside.rglob("*")) if not entry.is_symlink()},
    )
    try:
        with open_parent(workspace_at(inside), path) as (folder, name):
            assert (os.fstat(folder).st_dev, os.fstat(folder).st_ino in real) == (device, True)
            with open_file(folder, name, name) as descriptor:
                assert os.fstat(descriptor).st_ino in real
                assert os.read(descriptor, 100).decode() != SECRET
    except (ToolFailed, OSError, UnicodeEncodeError):
        pass


async def _ignore(anything: Any) -> None:
    return None


async def _do(tool: Tool, place: Path, **arguments: Any) -> Observation:
    return await Bench(tool=tool, workspace=workspace_at(place)).do(**arguments)


def _everything_below(folder: Path) -> dict[str, bytes]:
    return {str(entry): entry.read_bytes() for entry in folder.rglob("*") if entry.is_file()}
