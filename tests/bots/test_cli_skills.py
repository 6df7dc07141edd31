"""Skills at the shell: what there is, what is wrong with it, and a yes of whoever sits at the machine."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bots.conftest import Mallard
from tests.runtime.skills.folders import manual, put_skill


@pytest.fixture
def lived_in(mallard: Mallard, tmp_path: Path) -> Mallard:
    """An installation that was started once."""
    (tmp_path / ".env").write_text(
        "MALLARD_SKILL_FOLDERS=house\nMALLARD_USERS=slack:T1/U1\nMALLARD_APPROVERS=slack:T1/U2\n"
    )
    (tmp_path / "house").mkdir()
    assert mallard("chat", "--once", "list files").returncode == 0
    return mallard


def listed(mallard: Mallard) -> dict[str, dict[str, Any]]:
    found = mallard("skills", "list", "--json")
    assert found.returncode == 0, found.stderr
    return {line["skill"]: line for line in map(json.loads, found.stdout.splitlines())}


def test_a_skill_is_copied_shown_and_approved_once_somebody_says_so(lived_in: Mallard, tmp_path: Path) -> None:
    source = put_skill(tmp_path / "brought", "deploy", "Push it.", run_dot_sh="echo go")
    (source / "run.sh").chmod(0o755)
    target = tmp_path / "workspace" / "skills" / "deploy"

    refused = lived_in("skills", "add", "brought/deploy", stdin="n\n")
    assert refused.returncode == 1
    assert "+Push it." in refused.stdout
    assert "echo go" in refused.stdout
    assert not target.exists()

    added = lived_in("skills", "add", "brought/deploy", stdin="y\n")
    assert added.returncode == 0, added.stderr
    assert "deploy is approved, and stands in" in added.stdout
    assert (target / "SKILL.md").read_text() == manual("deploy", "Push it.")
    assert (target / "run.sh").stat().st_mode & 0o111
    assert [path.name for path in target.parent.iterdir()] == ["deploy"]
    assert listed(lived_in)["deploy"]["state"] == "approved"
    assert listed(lived_in)["deploy"]["approved_by"].startswith("terminal:")
    assert "is approved already" in lived_in("skills", "add", "brought/deploy").stdout


def test_what_stands_there_is_replaced_only_after_asking_with_the_difference(lived_in: Mallard, tmp_path: Path) -> None:
    source = put_skill(tmp_path / "brought", "deploy", "One.", old_dot_md="old")
    assert lived_in("skills", "add", "brought/deploy", "--yes").returncode == 0
    target = tmp_path / "workspace" / "skills" / "deploy"
    (source / "SKILL.md").write_text(manual("deploy", "Two."))
    (source / "old.md").unlink()

    asked = lived_in("skills", "add", "brought/deploy", stdin="\n")
    assert asked.returncode == 1
    assert "-One.\n+Two." in asked.stdout
    assert "- old.md (removed)" in asked.stdout
    assert "Replace what stands in" in asked.stdout
    assert "One." in (target / "SKILL.md").read_text()

    assert lived_in("skills", "add", "brought/deploy", stdin="y\n").returncode == 0
    assert [path.name for path in target.iterdir()] == ["SKILL.md"]
    assert "Two." in (target / "SKILL.md").read_text()


def test_one_that_stands_on_a_shelf_is_approved_there(lived_in: Mallard, tmp_path: Path) -> None:
    folder = put_skill(tmp_path / "house", "deploy")
    assert listed(lived_in)["deploy"]["state"] == "not approved"

    assert lived_in("skills", "add", "house/deploy", "--yes").returncode == 0
    line = listed(lived_in)["deploy"]
    assert (line["state"], line["for"], line["folder"]) == ("approved", "every workspace", str(folder))
    assert not (tmp_path / "workspace" / "skills").exists()

    (folder / "SKILL.md").write_text(manual("deploy", "Otherwise."))
    assert listed(lived_in)["deploy"]["state"] == "changed since"


def test_a_yes_at_the_shell_is_one_in_the_chat(lived_in: Mallard, tmp_path: Path) -> None:
    put_skill(tmp_path / "workspace" / "skills", "deploy")
    read = 'read_skill {"name": "deploy"}'
    assert "It would wait for an approver" in lived_in("policy", "explain", read, "--as", "slack:T1/U1").stdout
    assert lived_in("skills", "add", "workspace/skills/deploy", "--yes").returncode == 0
    assert "It would run at once." in lived_in("policy", "explain", read, "--as", "slack:T1/U1").stdout


def test_what_is_hidden_is_listed_as_such(lived_in: Mallard, tmp_path: Path) -> None:
    put_skill(tmp_path / "house", "deploy")
    put_skill(tmp_path / "workspace" / "skills", "deploy")

    table = lived_in("skills", "list").stdout

    assert "hidden by the one for every workspace" in table
    assert table.count("deploy") >= 2


def test_check_names_every_fault_with_its_place(lived_in: Mallard, tmp_path: Path) -> None:
    assert lived_in("skills", "check").stdout == "0 skills keep the rules of the format.\n"
    put_skill(tmp_path / "house", "good")
    assert lived_in("skills", "check").stdout == "1 skill keeps the rules of the format.\n"
    bad = put_skill(tmp_path / "workspace" / "skills", "bad", description="one: two")
    (tmp_path / "house" / "link").symlink_to(tmp_path)

    found = lived_in("skills", "check")

    assert found.returncode == 1
    assert f"{bad}: SKILL.md: Line 3: this is not YAML (mapping values are not allowed here)." in found.stderr
    assert f"{tmp_path / 'house' / 'link'}: link is a symbolic link" in found.stderr
    assert lived_in("skills", "check", "house/good").returncode == 0
    assert lived_in("skills", "check", str(bad)).returncode == 1
    assert "is not there" in lived_in("skills", "check", "nothing").stderr
    added = lived_in("skills", "add", str(bad), "--yes")
    assert added.returncode == 1
    assert "this is not YAML" in added.stderr
    assert listed(lived_in)["bad"]["state"] == "broken"


def test_shelves_that_are_none_are_named(mallard: Mallard, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MALLARD_SKILL_FOLDERS=nowhere,file\n")
    (tmp_path / "file").write_text("")

    found = mallard("skills", "check")

    assert found.returncode == 1
    assert f"{tmp_path / 'nowhere'}: there is no such folder" in found.stderr
    assert f"{tmp_path / 'file'}: " in found.stderr
    assert mallard("skills", "list").stdout == "There are no skills. `mallard skills add FOLDER` brings one.\n"
    assert not (tmp_path / "data").exists()


def test_a_linked_shelf_gets_nothing(lived_in: Mallard, tmp_path: Path) -> None:
    put_skill(tmp_path / "brought", "deploy")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "workspace" / "skills").symlink_to(tmp_path / "elsewhere")

    added = lived_in("skills", "add", "brought/deploy", "--yes")

    assert added.returncode == 1
    assert "symbolic link" in added.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert listed(lived_in) == {}


def test_without_a_record_there_is_nobody_to_tell(mallard: Mallard, tmp_path: Path) -> None:
    put_skill(tmp_path / "brought", "deploy")

    added = mallard("skills", "add", "brought/deploy", "--yes")

    assert added.returncode == 1
    assert "There is no database" in added.stderr
    assert not (tmp_path / "workspace").exists()
    assert "There is no workspace 'other'" in mallard("skills", "add", "brought/deploy", "--workspace", "other").stderr


def test_a_folder_of_skills_never_holds_the_settings(mallard: Mallard, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MALLARD_SKILL_FOLDERS=.\n")

    found = mallard("skills", "list")

    assert found.returncode == 1
    assert "MALLARD_SKILL_FOLDERS" in found.stderr
    assert "tools must not reach them" in found.stderr
