"""What a run finds: each name once, the operator's folders first, whatever is broken beside it; and at no cost where there is
nothing."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.records import Workspace
from runtime.signals import Signals
from runtime.skills.catalogue import Catalogue
from runtime.skills.records import Broken, Reading, Shelved
from runtime.skills.telling import words_for_planner
from storage.store import Store
from tests.runtime.skills.folders import put_skill
from tests.runtime.stage import BOB, Clock


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "mallard.db", Signals(), Clock()) as opened:
        yield opened


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "main").mkdir()
    return Workspace(id="main", path=str((tmp_path / "main").resolve()))


def names(found: tuple[Shelved, ...]) -> dict[str, bool]:
    return {each.skill.name: each.is_approved for each in found}


async def approve(catalogue: Catalogue, workspace: Workspace, name: str) -> None:
    reading = await catalogue.read(workspace, name)
    assert isinstance(reading, Reading)
    await catalogue.approve(reading.skill, by=BOB)


async def test_where_there_are_no_skills_nothing_is_told(store: Store, workspace: Workspace) -> None:
    catalogue = Catalogue(store, Clock(), folders=[f"{workspace.path}/not-there"])

    assert await catalogue.look(workspace) == ()
    assert words_for_planner(()) == ""


async def test_a_skill_is_approved_until_it_changes(store: Store, workspace: Workspace) -> None:
    folder = put_skill(Path(workspace.path) / "skills", "deploy")
    catalogue = Catalogue(store, Clock())
    assert names(await catalogue.look(workspace)) == {"deploy": False}

    await approve(catalogue, workspace, "deploy")
    assert names(await catalogue.look(workspace)) == {"deploy": True}

    (folder / "more.md").write_text("and more")
    assert names(await catalogue.look(workspace)) == {"deploy": False}
    (folder / "more.md").unlink()
    assert names(await catalogue.look(workspace)) == {"deploy": True}


async def test_the_folders_of_the_settings_come_first(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    put_skill(Path(workspace.path) / "skills", "deploy", "Theirs.")
    put_skill(Path(workspace.path) / "skills", "review")
    put_skill(tmp_path / "house", "deploy", "Ours.")
    catalogue = Catalogue(store, Clock(), folders=[str(tmp_path / "house")])

    assert names(await catalogue.look(workspace)) == {"deploy": False, "review": False}
    reading = await catalogue.read(workspace, "deploy")
    assert isinstance(reading, Reading)
    assert "Ours." in reading.skill.manual


async def test_a_yes_holds_for_the_skill_where_it_stands(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    put_skill(Path(workspace.path) / "skills", "deploy")
    put_skill(tmp_path / "other" / "skills", "deploy")
    catalogue = Catalogue(store, Clock())
    await approve(catalogue, workspace, "deploy")

    other = Workspace(id="other", path=str((tmp_path / "other").resolve()))

    assert names(await catalogue.look(workspace)) == {"deploy": True}
    assert names(await catalogue.look(other)) == {"deploy": False}


async def test_what_is_broken_stands_beside_what_is_not(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    shelf = Path(workspace.path) / "skills"
    put_skill(shelf, "good")
    put_skill(shelf, "bad", description="'")
    (shelf / "link").symlink_to(tmp_path)
    catalogue = Catalogue(store, Clock())

    found = await catalogue.look(workspace)

    assert {each.skill.name for each in found if isinstance(each.skill, Broken)} == {"bad", "link"}
    assert words_for_planner(found).endswith("who sees all of it: good.")


async def test_a_shelf_that_is_none_is_passed_over(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    put_skill(Path(workspace.path) / "skills", "good")
    catalogue = Catalogue(store, Clock(), folders=[str(tmp_path / "file")])

    assert names(await catalogue.look(workspace)) == {"good": False}


async def test_what_was_not_touched_is_not_read_again(store: Store, workspace: Workspace) -> None:
    folder = put_skill(Path(workspace.path) / "skills", "deploy")
    catalogue = Catalogue(store, Clock())
    (first,) = await catalogue.look(workspace)

    (again,) = await catalogue.look(workspace)
    os.utime(folder / "SKILL.md")
    (touched,) = await catalogue.look(workspace)

    assert again.skill is first.skill
    assert touched.skill is not first.skill
