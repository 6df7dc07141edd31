"""How much of the machine a command in a sandbox can use up."""

import os

import pytest
from msgspec.structs import replace

from runtime.sandbox.profiles import MB, STRICT, Limits, Profile
from tests.runtime.sandbox.cell import Cell

SMALL = replace(
    STRICT,
    limits=Limits(cpu_s=1, memory=64 * MB, file=1 * MB, open_files=32, processes=20, tmp=8 * MB),
)
WRITES = replace(SMALL, writable=True)


def test_memory_has_an_end(cell: Cell) -> None:
    done = cell.python("x = bytearray(200 * 1024 * 1024); print('had it')", SMALL)

    assert "MemoryError" in done.output


@pytest.mark.timeout(30)
def test_processor_time_has_an_end(cell: Cell) -> None:
    done = cell.run("while :; do :; done", SMALL)

    assert done.returncode in (-24, -9, 128 + 24, 128 + 9)


def test_a_file_has_an_end(cell: Cell) -> None:
    cell.run("head -c 5000000 /dev/zero > big", WRITES)

    assert (cell.workspace / "big").stat().st_size == MB


def test_open_files_have_an_end(cell: Cell) -> None:
    done = cell.python("kept = [open('/dev/null') for _ in range(100)]; print('had them')", SMALL)

    assert "Too many open files" in done.output


@pytest.mark.needs("bubblewrap")
def test_tmp_has_an_end(bubble: Cell) -> None:
    filled = "for n in $(seq 20); do head -c 1000000 /dev/zero > $TMPDIR/$n; done"
    done = bubble.run(filled, SMALL)

    assert "No space left on device" in done.output


_FORKS = """
import os, time
born = []
try:
    for _ in range(100):
        pid = os.fork()
        if pid == 0:
            time.sleep(60); os._exit(0)
        born.append(pid)
except BlockingIOError:
    print('refused')
for pid in born: os.kill(pid, 9)
"""


@pytest.mark.parametrize("profile", [SMALL], ids=["strict"])
def test_forking_has_an_end(cell: Cell, profile: Profile) -> None:
    if os.geteuid() == 0:
        os.chown(cell.workspace, 54321, 54321)  # the kernel holds root to no number of processes
        os.chmod(cell.workspace.parent, 0o755)  # noqa: S103  landlock's commands walk in as themselves

    assert cell.python(_FORKS, profile).output == "refused\n"
