"""edit_file: one exact text becomes another, where it stands once; what was shown is what is changed."""

import os
import stat
from pathlib import Path

import pytest

from runtime.records import Effect, Observation, Risk
from runtime.tools.edit_file import EditFile, EditFileArguments
from runtime.tools.failure import ToolFailed
from runtime.tools.gateway import Stale
from runtime.tools.port import ToolScope
from tests.runtime.tools.doubles import Bench, ignore, workspace_at


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=EditFile(), workspace=workspace_at(tmp_path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "f").write_text("one\ntwo\nthree\n")
    return tmp_path


async def test_the_one_place_is_changed_and_nothing_else(bench: Bench, folder: Path) -> None:
    (folder / "f").chmod(0o640)

    found = await bench.do(path="f", old="two\n", new="2\n")

    assert (found.ok, found.text) == (True, "f was changed at line 2: it has 12 bytes now.")
    assert (folder / "f").read_text() == "one\n2\nthree\n"
    assert stat.S_IMODE((folder / "f").stat().st_mode) == 0o640
    assert os.listdir(folder) == ["f"]


async def test_the_card_shows_the_change(bench: Bench, folder: Path) -> None:
    reviewed = await bench.review(path="f", old="two", new="2\u202e")

    assert (reviewed.effect, reviewed.assessment.risk) == (Effect.IDEMPOTENT, Risk.MEDIUM)
    assert reviewed.assessment.preview == "--- f\n+++ f\n@@ -1,3 +1,3 @@\n one\n-two\n+2\\u202e\n three"
    assert (folder / "f").read_text() == "one\ntwo\nthree\n"


async def test_a_text_that_is_not_there_is_refused(bench: Bench, folder: Path) -> None:
    found = await bench.do(path="f", old="four", new="three")

    assert found.error == "refused"
    assert found.text.startswith("The old text does not stand in f.")
    assert found.text.endswith("The new text stands there already, at line 3.")
    assert (folder / "f").read_text() == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("content", "old", "said"),
    [
        ("a\nb\na\n\na\n", "a", "3 times (lines 1, 3, 5)"),
        ("aaa\n", "aa", "2 times (lines 1, 1)"),
        ("x\n" * 20, "x", "20 times (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 …)"),
    ],
    ids=["apart", "overlapping", "many"],
)
async def test_a_text_that_stands_there_more_than_once_is_refused_with_its_lines(
    bench: Bench, folder: Path, content: str, old: str, said: str
) -> None:
    (folder / "f").write_text(content)

    found = await bench.do(path="f", old=old, new="z")

    assert said in found.text
    assert (folder / "f").read_text() == content


@pytest.mark.parametrize("content", [b"\xff\xfe\x00two", b"two\n" + b"x" * 4_000_001], ids=["no text", "too long"])
async def test_what_cannot_be_compared_as_text_is_refused(bench: Bench, folder: Path, content: bytes) -> None:
    (folder / "f").write_bytes(content)

    assert "is too long to be edited, or not UTF-8 text" in (await bench.do(path="f", old="two", new="2")).text
    assert (folder / "f").read_bytes() == content


async def test_a_change_of_nothing_is_refused(bench: Bench, folder: Path) -> None:
    assert "nothing would change" in (await bench.do(path="f", old="two", new="two")).text


async def test_lines_that_end_with_cr_lf_go_on_doing_so(bench: Bench, folder: Path) -> None:
    (folder / "f").write_bytes(b"one\r\ntwo\r\nthree\r\n")

    assert (await bench.do(path="f", old="one\ntwo\n", new="1\n2\n")).ok

    assert (folder / "f").read_bytes() == b"1\r\n2\r\nthree\r\n"


@pytest.mark.parametrize("path", ["../f", "/etc/hosts", "link", "link/f"])
async def test_no_path_leads_out_of_the_workspace(bench: Bench, tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to("/etc/hosts")

    assert not (await bench.do(path=path, old="localhost", new="evil")).ok


@pytest.mark.parametrize("path", [".git/config", ".env", "key.pem"])
async def test_editing_what_is_sensitive_is_of_high_risk(bench: Bench, tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("two")

    assert (await bench.review(path=path, old="two", new="2")).assessment.risk is Risk.HIGH


@pytest.mark.promise(14)
async def test_a_file_that_changed_elsewhere_since_it_was_shown_is_asked_again(bench: Bench, folder: Path) -> None:
    call = await bench.ask(path="f", old="two", new="2")

    (folder / "f").write_text("one\ntwo\nsomebody's work\n")
    stale = await bench.gateway.check(call, bench.workspace)
    found = await bench.run(call)

    assert isinstance(stale, Stale)
    assert isinstance(found, Stale)
    assert "somebody's work" in found.assessment.preview
    assert (folder / "f").read_text() == "one\ntwo\nsomebody's work\n"


@pytest.mark.promise(14)
async def test_a_file_that_lost_the_text_since_it_was_shown_is_left_alone(bench: Bench, folder: Path) -> None:
    call = await bench.ask(path="f", old="two", new="2")

    (folder / "f").write_text("one\n")
    found = await bench.run(call)

    assert isinstance(found, Observation)
    assert (found.ok, found.error) == (False, "refused")
    assert found.text.endswith("Nothing was run.")
    assert (folder / "f").read_text() == "one\n"


@pytest.mark.promise(31)
@pytest.mark.parametrize("new", ["2", "", "two two"], ids=["replaced", "removed", "holds the old one"])
async def test_an_edit_that_died_before_it_was_recorded_is_known_to_be_done(
    bench: Bench, folder: Path, new: str
) -> None:
    call = await bench.ask(path="f", old="two", new=new)

    first = await bench.run(call)
    stale = await bench.gateway.check(call, bench.workspace)
    again = await bench.run(call)

    assert isinstance(first, Observation)
    assert isinstance(again, Observation)
    assert stale is None
    assert (first.ok, again.ok, again.metadata["written"]) == (True, True, 0)
    assert (folder / "f").read_text() == f"one\n{new}\nthree\n"


@pytest.mark.promise(14)
async def test_a_file_that_changes_at_the_last_moment_is_left_alone(bench: Bench, folder: Path) -> None:
    arguments = EditFileArguments(path="f", old="two", new="2")
    shown = (await bench.tool.assess(arguments, bench.workspace)).target
    (folder / "f").write_text("one\ntwo\nfour\n")
    scope = ToolScope(workspace=bench.workspace, key="1", target=shown, on_output=ignore, audit=ignore)

    with pytest.raises(ToolFailed, match="changed since the change was shown"):
        await bench.tool.run(arguments, scope)

    assert (folder / "f").read_text() == "one\ntwo\nfour\n"
