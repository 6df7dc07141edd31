"""What runs as the administrator is over when it is over, also where we could signal none of it."""

import asyncio
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.sudo import Sudo
from runtime.tools.told import telling
from tests.fakes.sudo import PASSWORD, stand_in
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox
from tests.runtime.tools.shell.sudoing import Person

FAMILY = """
sh -c 'echo $$ > child; trap "" TERM; sleep 1000; :' &
setsid sh -c 'echo $$ > session; sleep 1000; :' &
(setsid sh -c 'echo $$ > orphan; trap "" TERM; exec sleep 1000' >/dev/null 2>&1 &)
until [ -s child ] && [ -s session ] && [ -s orphan ]; do sleep 0.01; done
echo ready
"""
MEMBERS = ("child", "session", "orphan")


@pytest.fixture(params=["stand-in", pytest.param("real", marks=pytest.mark.needs("sudo"))])
def sudo(request: pytest.FixtureRequest, tmp_path: Path) -> Sudo:
    program = stand_in(tmp_path) if request.param == "stand-in" else Path(shutil.which("sudo") or "")
    return Sudo(program=program, passwords=Person())


@pytest.fixture
def desk(tmp_path: Path, sudo: Sudo) -> Bench:
    return Bench(tool=ShellExecSafe(judge, find=no_sandbox, sudo=sudo), workspace=workspace_at(tmp_path))


@pytest.mark.promise(29)
@pytest.mark.parametrize("way", ["it ends", "time out"])
async def test_a_command_takes_its_family_with_it(desk: Bench, tmp_path: Path, way: str) -> None:
    found = await desk.do(command=FAMILY + ("" if way == "it ends" else "sleep 1000"), sudo=True, timeout_s=3)

    assert found.text.startswith("ready\n")
    assert "could not be ended" not in found.text
    assert _alive(tmp_path) == []


@pytest.mark.promise(29)
async def test_stopping_ends_its_family(desk: Bench, tmp_path: Path) -> None:
    running = asyncio.ensure_future(desk.run(await desk.ask(command=FAMILY + "sleep 1000", sudo=True)))
    while "ready\n" not in desk.shown:
        desk.heard.clear()
        await desk.heard.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert _alive(tmp_path) == []
    assert desk.audits[0]["would_not_end"] == 0


@pytest.mark.promise(29)
def test_its_family_ends_with_its_input_though_nobody_signals_it(sudo: Sudo, tmp_path: Path) -> None:
    """So it is where we are not root, and where we were killed."""
    enclosed = sudo.enclose(FAMILY + "sleep 1000", "MALLARD_CALL=0123456789abcdef")
    with ExitStack() as lasting:
        with telling(bytearray(PASSWORD.encode()), lasting) as source:
            process = subprocess.Popen(
                enclosed.argv, env=dict(enclosed.environment), cwd=tmp_path, stdin=source, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        assert process.stdout is not None
        while process.stdout.readline() != b"ready\n":
            pass
        assert _alive(tmp_path) == list(MEMBERS)

    with process.stdout:
        process.stdout.read()
    process.wait()
    assert _alive(tmp_path) == []


def _alive(place: Path) -> list[str]:
    return [name for name in MEMBERS if _lives(int((place / name).read_text()))]


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
