"""What a command in a sandbox can learn of, and do to, the rest of the machine."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from runtime.sandbox.profiles import Profile
from tests.runtime.sandbox.cell import APPROVED, CANARY, Cell
from tests.runtime.sandbox.marks import EVERY, WITH_BUBBLEWRAP


@EVERY
def test_our_environment_is_nowhere(cell: Cell, profile: Profile) -> None:
    done = cell.run(f"env; cat /proc/*/environ /proc/1/environ /proc/{os.getpid()}/environ | tr '\\0' '\\n'", profile)

    assert CANARY not in done.output


@WITH_BUBBLEWRAP
@EVERY
def test_no_setting_of_the_kernel_can_be_written(bubble: Cell, profile: Profile) -> None:
    program = (
        "import os\n"
        "for folder, folders, files in os.walk('/proc'):\n"
        "    if folder == '/proc': folders[:] = [each for each in folders if not each.isdigit() and 'self' not in each]\n"
        "    for name in files:\n"
        "        try: os.close(os.open(f'{folder}/{name}', os.O_WRONLY | os.O_NONBLOCK)); print('open', folder, name)\n"
        "        except OSError: pass\n"
        "print('looked')\n"
    )
    done = bubble.python(program, profile)

    assert done.output == "looked\n"
    same = bubble.run("cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness; echo $?", profile)
    assert same.output.splitlines()[-1] != "0"


@EVERY
def test_it_can_end_nobody_outside(cell: Cell, profile: Profile) -> None:
    """Signal 0 asks whether one could: a sandbox that fails must not take the machine with it, so nothing worse is tried."""
    with subprocess.Popen(["sleep", "60"]) as neighbour:
        done = cell.run(f"for pid in {neighbour.pid} {os.getpid()}; do kill -0 $pid && echo could; done; true", profile)
        neighbour.kill()

    assert "could" not in done.output


@WITH_BUBBLEWRAP
@EVERY
def test_it_sees_nobody_outside(bubble: Cell, profile: Profile) -> None:
    seen = bubble.run("ls /proc | grep -c '^[0-9]'; cat /proc/*/cmdline | tr '\\0' ' '", profile).output

    assert int(seen.split()[0]) < 10
    assert sys.executable not in seen


_NUDGE = """
import os, resource
def nudge(what, *arguments):
    try: what(*arguments); print('did', what.__name__)
    except OSError: pass
nudge(resource.prlimit, {pid}, resource.RLIMIT_CPU, (1, 1))
nudge(os.setpriority, os.PRIO_PROCESS, {pid}, 19)
nudge(os.sched_setaffinity, {pid}, {0})
print('tried')
"""


@EVERY
def test_it_changes_nothing_about_others(cell: Cell, profile: Profile) -> None:
    with subprocess.Popen(["sleep", "60"]) as neighbour:
        done = cell.python(_NUDGE.replace("{pid}", str(neighbour.pid)), profile)
        neighbour.kill()

    assert done.output == "tried\n"


_SHARED = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.shmget({key}, 0, 0))
"""


@EVERY
def test_it_shares_no_memory_with_others(cell: Cell, profile: Profile) -> None:
    libc, key = ctypes.CDLL(None, use_errno=True), 0x4711 + os.getpid()
    segment = libc.shmget(key, 4096, 0o1600)
    assert segment >= 0
    try:
        assert cell.python(_SHARED.replace("{key}", str(key)), profile).output == "-1\n"
    finally:
        libc.shmctl(segment, 0, None)


_TRACE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in {pids}:
    if libc.ptrace(16, pid, 0, 0) == 0: print('attached', pid)
    here = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(here), 8)
    if libc.process_vm_readv(pid, vector, 1, vector, 1, 0) > 0: print('read', pid)
    try: open('/proc/%d/mem' % pid, 'rb'); print('opened', pid)
    except OSError: pass
print('tried')
"""


@EVERY
def test_it_can_look_into_nobody_outside(cell: Cell, profile: Profile) -> None:
    with subprocess.Popen(["sleep", "60"]) as neighbour:
        done = cell.python(_TRACE.replace("{pids}", str([neighbour.pid, os.getpid()])), profile)
        neighbour.kill()

    assert done.output == "tried\n"


@EVERY
def test_it_inherits_nothing_that_is_open(cell: Cell, profile: Profile) -> None:
    kept = os.open(cell.outside / "secret", os.O_RDONLY)
    os.set_inheritable(kept, True)
    try:
        program = (
            "import os\n"
            "for number in range(3, 256):\n"
            "    try: os.fstat(number); print('open', number)\n"
            "    except OSError: pass\n"
        )
        assert cell.python(program, profile).output == ""
    finally:
        os.close(kept)


@WITH_BUBBLEWRAP
@EVERY
def test_nobody_stays_behind(bubble: Cell, profile: Profile) -> None:
    length = f"{10_000 + os.getpid()}"
    bubble.run(
        f"(setsid nohup sleep {length} >/dev/null 2>&1 &) ; (setsid sh -c 'sleep {length} & exit' &); true", profile
    )

    assert _has_ended(length)


@WITH_BUBBLEWRAP
def test_everybody_ends_when_the_sandbox_is_killed(bubble: Cell) -> None:
    length = f"{20_000 + os.getpid()}"

    def kill() -> None:
        while not _running(length):
            pass
        for pid in _running(length):
            os.kill(_sandbox_above(pid), signal.SIGKILL)
            break

    killer = threading.Thread(target=kill)
    killer.start()
    bubble.run(f"(setsid sleep {length} &); sleep {length}", APPROVED)
    killer.join()

    assert _has_ended(length)


def _has_ended(length: str) -> bool:
    """The kernel ends those who were in a namespace right after its first process, not at the same moment."""
    until = time.monotonic() + 5
    while _running(length) and time.monotonic() < until:
        time.sleep(0.01)
    return not _running(length)


def _running(length: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if words[:2] == [b"sleep", length.encode()]:
            found.append(int(entry.name))
    return found


def _sandbox_above(pid: int) -> int:
    """The outermost process of the sandbox: the last on the way up that is called bwrap."""
    found = pid
    while pid > 1:
        stat = Path(f"/proc/{pid}/stat").read_text()
        if "(bwrap)" in stat:
            found = pid
        pid = int(stat.rpartition(")")[2].split()[1])
    return found
