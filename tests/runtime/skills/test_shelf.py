"""A skill's folder is read whole or not at all; no link leads out of it, and nothing endless is read."""

import os
from pathlib import Path

import pytest

from runtime.records import Workspace
from runtime.skills.records import Broken, Reading
from runtime.skills.shelf import MOST_BYTES, MOST_FILES, Shelf, list_names, read_skill_at, shelf_at, shelf_of, sign
from runtime.tools.uninterrupted import Halt
from tests.runtime.skills.folders import manual, put_skill


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "skills").mkdir()
    return shelf_of(Workspace(id="main", path=str(tmp_path.resolve())))


def read(shelf: Shelf, name: str) -> Reading:
    found = read_skill_at(shelf, name, Halt())
    assert isinstance(found, Reading), found
    return found


def fault(shelf: Shelf, name: str) -> str:
    found = read_skill_at(shelf, name, Halt())
    assert isinstance(found, Broken), found
    return " ".join(found.faults)


def test_a_skill_is_read_with_all_its_files(shelf: Shelf, tmp_path: Path) -> None:
    put_skill(tmp_path / "skills", "deploy", references__a_dot_md="Words.", scripts__go_dot_sh="echo go")

    found = read(shelf, "deploy")

    assert (found.skill.name, found.skill.description) == ("deploy", "How it is done.")
    assert found.skill.place == str(tmp_path.resolve() / "skills")
    assert list(found.skill.files) == ["SKILL.md", "references/a.md", "scripts/go.sh"]
    assert found.held["references/a.md"].text == "Words."


def test_where_there_is_none_there_is_none(shelf: Shelf) -> None:
    assert read_skill_at(shelf, "nothing", Halt()) is None
    assert read_skill_at(shelf, "../skills", Halt()) is not None  # broken, and not found outside
    assert list_names(shelf_at(str(Path(shelf.place) / "not-there"))) == ()


def test_every_change_is_another_digest_and_another_signature(shelf: Shelf, tmp_path: Path) -> None:
    folder = put_skill(tmp_path / "skills", "deploy", run_dot_sh="echo 1")
    digests, signatures = [read(shelf, "deploy").skill.digest], [sign(shelf, "deploy", Halt())]

    for change in (
        lambda: (folder / "run.sh").write_text("echo 2"),
        lambda: (folder / "run.sh").chmod(0o755),
        lambda: (folder / "run.sh").rename(folder / "other.sh"),
        lambda: (folder / "new").write_text(""),
        lambda: (folder / "SKILL.md").write_text(manual("deploy", "Otherwise.")),
    ):
        change()
        digests.append(read(shelf, "deploy").skill.digest)
        signatures.append(sign(shelf, "deploy", Halt()))

    assert len(set(digests)) == len(set(signatures)) == 6


def test_no_link_is_followed(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("the plan")
    for name, link in (("file", "more.md"), ("manual", "SKILL.md"), ("folder", "references")):
        folder = put_skill(tmp_path / "skills", name)
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(tmp_path if name == "folder" else tmp_path / "secret.md")
        assert "symbolic link" in fault(shelf, name)
    (tmp_path / "skills" / "whole").symlink_to(put_skill(tmp_path / "elsewhere", "whole"))
    assert "symbolic link" in fault(shelf, "whole")
    assert set(list_names(shelf)) == {"file", "manual", "folder", "whole"}


def test_a_linked_shelf_of_a_workspace_is_none(tmp_path: Path) -> None:
    put_skill(tmp_path / "elsewhere", "deploy")
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "skills").symlink_to(tmp_path / "elsewhere")
    shelf = shelf_of(Workspace(id="main", path=str(tmp_path / "main")))

    assert "symbolic link" in fault(shelf, "deploy")


def test_a_pipe_is_not_waited_for(shelf: Shelf, tmp_path: Path) -> None:
    os.mkfifo(put_skill(tmp_path / "skills", "deploy") / "pipe")

    assert "not a folder" in fault(shelf, "deploy")


def test_too_much_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    huge = put_skill(tmp_path / "skills", "huge")
    with (huge / "big.bin").open("wb") as file:
        file.truncate(MOST_BYTES * 100)  # a hole: it takes no room, and would take for ever
    assert f"more than {MOST_BYTES:,} bytes" in fault(shelf, "huge")

    many = put_skill(tmp_path / "skills", "many")
    for number in range(MOST_FILES):
        (many / f"{number}.md").write_text("")
    assert f"more than {MOST_FILES} files" in fault(shelf, "many")

    deep = put_skill(tmp_path / "skills", "deep")
    (deep / "1/2/3/4/5/6").mkdir(parents=True)
    assert "too deep" in fault(shelf, "deep")

    put_skill(tmp_path / "skills", "long", "x" * 70_000)
    assert "64,000 are the most" in fault(shelf, "long")


def test_what_is_no_skill_says_what_is_missing(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "skills" / "empty").mkdir()
    assert fault(shelf, "empty") == "It has no SKILL.md."
    (tmp_path / "skills" / "binary").mkdir()
    (tmp_path / "skills" / "binary" / "SKILL.md").write_bytes(b"\xff\xfe")
    assert fault(shelf, "binary") == "SKILL.md is not UTF-8 text."
    put_skill(tmp_path / "skills", "keys", _dot_env="TOKEN=1")
    assert ".env has a name that says that it may hold secrets" in fault(shelf, "keys")
    (put_skill(tmp_path / "skills", "odd") / "a\u202eb").write_text("")
    assert "characters that nobody sees" in fault(shelf, "odd")
    (tmp_path / "skills" / "other").mkdir()
    (tmp_path / "skills" / "other" / "SKILL.md").write_text(manual("deploy"))
    assert fault(shelf, "other").startswith("SKILL.md: `name` is 'deploy', and its folder is called 'other'")


def test_hidden_folders_and_files_beside_are_no_skills(shelf: Shelf, tmp_path: Path) -> None:
    put_skill(tmp_path / "skills", ".git")
    (tmp_path / "skills" / "README.md").write_text("")
    put_skill(tmp_path / "skills", "deploy")

    assert list_names(shelf) == ("deploy",)
