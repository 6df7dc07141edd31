"""write_file: the person sees the change, and it is that change or none."""

import asyncio
import hashlib
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from runtime.records import Effect, Observation, Risk
from runtime.tools.gateway import Stale
from runtime.tools.uninterrupted import Halt, in_thread
from runtime.tools.write_file import WriteFile
from tests.runtime.tools.doubles import Bench, workspace_at


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=WriteFile(), workspace=workspace_at(tmp_path))


async def test_a_new_file_is_made_with_its_folders(bench: Bench, tmp_path: Path) -> None:
    found = await bench.do(path="a/b/c.txt", content="héllo\n")

    assert found.ok
    assert (tmp_path / "a/b/c.txt").read_bytes() == "héllo\n".encode()
    assert [entry.name for entry in (tmp_path / "a/b").iterdir()] == ["c.txt"]


async def test_the_card_shows_the_change(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("one\ntwo\n")

    reviewed = await bench.review(path="f", content="one\n2\u202e\n")

    assert (reviewed.effect, reviewed.assessment.risk) == (Effect.IDEMPOTENT, Risk.MEDIUM)
    assert reviewed.assessment.preview == "--- f\n+++ f\n@@ -1,2 +1,2 @@\n one\n-two\n+2\\u202e"
    assert reviewed.assessment.target == "sha256:" + hashlib.sha256(b"one\ntwo\n").hexdigest()
    assert "replaces a file of 8 bytes" in reviewed.assessment.why_asked


async def test_the_target_of_a_new_file_is_that_there_is_none(bench: Bench) -> None:
    for path in ("f", "no/such/folder/f"):
        assessment = (await bench.review(path=path, content="x")).assessment
        assert assessment.target == "absent:"
        assert assessment.preview == f"--- (new file)\n+++ {path}\n@@ -0,0 +1,1 @@\n+x\n\\ No newline at end of file"


async def test_reviewing_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    await bench.review(path="a/b/c", content="x")

    assert os.listdir(tmp_path) == []


async def test_what_is_not_text_is_said_to_be_lost(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff\x00")

    preview = (await bench.review(path="f", content="x\n")).assessment.preview

    assert "2 bytes that cannot be compared as text would be lost" in preview
    assert "+x" in preview


async def test_a_preview_is_whole_up_to_200_kilobytes(bench: Bench) -> None:
    lines = [f"line {number}" for number in range(10_000)]
    whole = (await bench.review(path="f", content="\n".join(lines))).assessment.preview
    cut = (await bench.review(path="f", content="\n".join(lines * 4))).assessment.preview

    assert all(f"\n+{line}\n" in whole for line in lines)
    assert len(cut) <= 200_000
    assert "characters left out" in cut


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", ".GIT/config", ".env", "key.pem"])
async def test_writing_what_is_sensitive_is_of_high_risk(bench: Bench, path: str) -> None:
    assert (await bench.review(path=path, content="x")).assessment.risk is Risk.HIGH


@pytest.mark.promise(14)
async def test_a_file_that_changed_since_it_was_shown_is_asked_again(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("one\n")
    call = await bench.ask(path="f", content="two\n")

    (tmp_path / "f").write_text("somebody's work\n")
    found = await bench.run(call)

    assert isinstance(found, Stale)
    assert "-somebody's work" in found.assessment.preview
    assert (tmp_path / "f").read_text() == "somebody's work\n"


async def test_a_file_that_appeared_since_it_was_shown_is_asked_again(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(path="f", content="two\n")

    (tmp_path / "f").write_text("")

    assert isinstance(await bench.run(call), Stale)
    assert (tmp_path / "f").read_text() == ""


@pytest.mark.promise(31)
async def test_a_write_that_died_before_it_was_recorded_runs_again(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("one\n")
    call = await bench.ask(path="f", content="two\n")

    first = await bench.run(call)
    again = await bench.run(call)

    assert isinstance(first, Observation)
    assert isinstance(again, Observation)
    assert (first.ok, again.ok, again.metadata["written"]) == (True, True, 0)
    assert (tmp_path / "f").read_text() == "two\n"


async def test_what_an_earlier_attempt_left_is_removed(bench: Bench, tmp_path: Path) -> None:
    key = "run:7:1"
    leftover = tmp_path / f".mallard-{hashlib.sha256(key.encode()).hexdigest()[:12]}-0000"
    others = tmp_path / ".mallard-000000000000-0000"
    leftover.write_text("ha")
    others.write_text("ha")

    await bench.run(await bench.ask(path="f", content="x"), key=key)

    assert sorted(os.listdir(tmp_path)) == [others.name, "f"]


@pytest.mark.parametrize("mode", [0o640, 0o755, 0o600])
async def test_a_replaced_file_keeps_its_mode(bench: Bench, tmp_path: Path, mode: int) -> None:
    (tmp_path / "f").write_text("one")
    (tmp_path / "f").chmod(mode)

    await bench.do(path="f", content="two")

    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == mode


async def test_a_reader_never_sees_half_a_file(bench: Bench, tmp_path: Path) -> None:
    whole = {"a" * 300_000, "b" * 300_000}
    (tmp_path / "f").write_text("a" * 300_000)
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.add((tmp_path / "f").read_text())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for text in sorted(whole, reverse=True) * 10:
        assert (await bench.do(path="f", content=text)).ok
    over.set()
    watcher.join()

    assert seen <= whole
    assert len(seen) == 2


async def test_a_folder_in_the_way_is_said(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()

    found = await bench.do(path="f", content="x")

    assert found.text == "f is a folder, not a regular file."


async def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    # /dev/full cannot be a workspace; a limit on the size of files stands in for the disk, in a process of its own.
    program = (
        "import asyncio, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from runtime.tools.write_file import WriteFile\n"
        "from tests.runtime.tools.doubles import Bench, workspace_at\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "bench = Bench(tool=WriteFile(), workspace=workspace_at(Path(sys.argv[1])))\n"
        "found = asyncio.run(bench.do(path='f', content='x' * 5000))\n"
        "print(found.ok, found.text)\n"
    )
    (tmp_path / "f").write_text("old")

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), cwd=_root(), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()

    assert said.decode().strip() == f"False write_file failed: {os.strerror(27)}."
    assert os.listdir(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "old"


async def test_a_cancelled_caller_waits_for_its_thread_to_stop() -> None:
    began, may_go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work(halt: Halt) -> None:
        began.set()
        may_go_on.wait()
        try:
            halt.check_going_on()
        finally:
            ended.set()

    waiting = asyncio.ensure_future(in_thread(work))
    await asyncio.to_thread(began.wait)
    waiting.cancel()
    await asyncio.sleep(0)
    still_waiting = not waiting.done()
    waiting.cancel()  # somebody impatient
    may_go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert still_waiting
    assert ended.is_set()


def _root() -> Path:
    return Path(__file__).parents[3]
