"""What a killed Mallard left running is found and ended by the next one, and nobody else's is."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.marks import new_mark
from runtime.records import Workspace
from runtime.tools.offspring import MARK, end_orphans
from runtime.tools.shell_exec_safe import ShellArguments, ShellExecSafe
from tests.runtime.mcp.office import is_running
from tests.runtime.tools.shell.judging import no_sandbox

pytestmark = [
    pytest.mark.promise(31),
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for what other systems have otherwise"),
]

TRIES = 10  # other tests run at the same time, and what starts in them ends these orphans too, as it should
FAMILY = ["sh", "-c", "sleep 1000 & echo $$ $!; wait"]
_KILLED = f"""
import os, signal, subprocess
from runtime.marks import new_mark
from runtime.tools.offspring import MARK
environment = {{"PATH": os.environ["PATH"], MARK: new_mark()}}
child = subprocess.Popen({FAMILY!r}, env=environment, start_new_session=True, stdout=subprocess.PIPE)
print(child.stdout.readline().decode(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def family_of_a_killed_one() -> list[int]:
    killed = subprocess.run([sys.executable, "-c", _KILLED], stdout=subprocess.PIPE, text=True, check=False)
    assert killed.returncode == -9
    return [int(pid) for pid in killed.stdout.split()]


@contextmanager
def family_marked(mark: str) -> Iterator[list[int]]:
    with subprocess.Popen(
        FAMILY, env={"PATH": os.environ["PATH"], MARK: mark}, start_new_session=True, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        pids = [int(pid) for pid in child.stdout.readline().split()]
        try:
            yield pids
        finally:
            os.killpg(child.pid, 9)


def test_what_a_killed_one_left_running_is_ended_whole() -> None:
    for _ in range(TRIES):
        left = family_of_a_killed_one()
        were_left = all(is_running(pid) for pid in left)
        ended = end_orphans(1.0)  # perhaps of other tests too

        assert not any(is_running(pid) for pid in left)
        if were_left and ended:
            return
    pytest.fail("nobody was ended")


def test_what_belongs_to_one_that_lives_is_left_alone() -> None:
    with family_marked(new_mark()) as mine:
        end_orphans(1.0)
        assert all(is_running(pid) for pid in mine)


def test_what_names_one_whose_number_was_given_to_somebody_else_is_ended() -> None:
    namespace, ours, *_ = new_mark().split("-")
    for _ in range(TRIES):
        with family_marked(f"{namespace}-{ours}-1-ab") as left:
            ended = end_orphans(1.0)
            assert not any(is_running(pid) for pid in left[1:])
        if ended:
            return
    pytest.fail("nobody was ended")


@pytest.mark.parametrize("mark", ["0123456789abcdef", "1-999999999-1-ab", "", "-"], ids=repr)
def test_what_nobody_can_tell_the_owner_of_is_left_alone(mark: str) -> None:
    with family_marked(mark) as somebodys:
        end_orphans(1.0)
        assert all(is_running(pid) for pid in somebodys)


_NESTED = """
import os, signal, subprocess, sys
from runtime.marks import new_mark
from runtime.tools.offspring import MARK
inside = '''
import os, sys
from runtime.tools.offspring import end_orphans
os.write(int(sys.argv[1]), b".")
sys.stdin.read()
end_orphans(1.0)
print("still here")
'''
command = 'env -u MALLARD_CALL "$0" -c "$1" "$2"; true'
environment = {**os.environ, MARK: new_mark()}
here, there = os.pipe()
subprocess.Popen(
    ["sh", "-c", command, sys.executable, inside, str(there)],
    env=environment, stdin=subprocess.PIPE, start_new_session=True, pass_fds=[there],
)
os.read(here, 1)  # it is up: from now on others may take it for an orphan, and for no longer than it takes
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_was_started_by_such_a_family_does_not_end_himself() -> None:
    """A Mallard within a command of one that was killed, as when somebody tries it out."""
    nested = (
        subprocess.run([sys.executable, "-c", _NESTED], stdout=subprocess.PIPE, text=True, check=False)
        for _ in range(TRIES)
    )

    assert any(each.stdout == "still here\n" for each in nested)


def folder_of_a_killed_one() -> Path:
    namespace, ours, _, rest = new_mark().split("-")
    left = Path(tempfile.gettempdir()) / f"mallard-{namespace}-{ours}-1-{rest}"
    left.mkdir()
    return left


async def test_what_a_killed_one_left_on_the_disk_is_removed_with_what_it_left_running() -> None:
    left = folder_of_a_killed_one()
    await ShellExecSafe(find=no_sandbox).end_orphans()
    assert not left.exists()


async def test_it_is_removed_before_the_first_command_where_no_call_was_interrupted(tmp_path: Path) -> None:
    left = folder_of_a_killed_one()
    await ShellExecSafe(find=no_sandbox).assess(ShellArguments(command="ls"), Workspace(id="main", path=str(tmp_path)))
    assert not left.exists()
