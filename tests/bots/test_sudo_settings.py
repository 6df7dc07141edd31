"""Running as the administrator is off, and what switches it on is looked at."""

import os
from pathlib import Path

import pytest

from bots.doctor import Level
from bots.doctor.sandbox import examine_sandbox
from bots.settings import load_settings
from runtime.errors import SettingsError
from tests.fakes.sudo import stand_in


async def finding(folder: Path, program: Path | str) -> tuple[Level, str]:
    (folder / ".env").write_text(f"MALLARD_SHELL_SUDO={program}\n")
    found = {each.part: each for each in await examine_sandbox(load_settings(folder))}
    return found["sudo"].level, found["sudo"].words


def test_it_is_off_and_can_be_switched_on_in_the_table_of_the_shell(tmp_path: Path) -> None:
    assert load_settings(tmp_path).shell_sudo is None
    (tmp_path / "mallard.toml").write_text('[shell]\nsudo = "/usr/bin/sudo"\n')
    assert load_settings(tmp_path).shell_sudo == Path("/usr/bin/sudo")


def test_a_program_that_is_looked_for_on_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MALLARD_SHELL_SUDO=sudo\n")
    with pytest.raises(SettingsError, match="for example /usr/bin/sudo"):
        load_settings(tmp_path)


async def test_the_doctor_says_nothing_of_it_while_it_is_off(tmp_path: Path) -> None:
    assert "sudo" not in {each.part for each in await examine_sandbox(load_settings(tmp_path))}


async def test_the_doctor_finds_a_program_that_is_not_there(tmp_path: Path) -> None:
    level, words = await finding(tmp_path, tmp_path / "sudo")
    assert level is Level.WARN
    assert "there is no " in words


async def test_the_doctor_finds_a_program_that_cannot_give_the_rights(tmp_path: Path) -> None:
    level, words = await finding(tmp_path, stand_in(tmp_path))
    assert level is Level.WARN
    assert "cannot give root's rights" in words


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes programs of root's with the setuid bit")
async def test_the_doctor_is_content_with_one_that_can(tmp_path: Path) -> None:
    program = stand_in(tmp_path)
    program.chmod(0o4755)
    level, words = await finding(tmp_path, program)
    assert level is Level.OK
    assert "at the terminal of `mallard up`" in words
