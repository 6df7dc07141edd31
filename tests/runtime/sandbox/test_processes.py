"""What a command in a sandbox can learn of, and do to, the rest of the machine."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.sandbox.profiles import STRICT, Profile
from tests.runtime.sandbox.cell import APPROVED, CANARY, NETWORK, Cell

EVERY = pytest.mark.parametrize("profile", [STRICT, APPROVED, NETWORK], ids=["strict", "approved", "network"])
ALONE = pytest.mark.parametrize("profile", [STRICT, APPROVED], ids=["strict", "approved"])
WITH_BUBBLEWRAP = pytest.mark.needs("bubblewrap")


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
def test_it_gets_no_new_rights(cell: Cell, profile: Profile) -> None:
    program = (
        "import os\n"
        "for name in ('setuid', 'seteuid', 'setgid', 'setegid'):\n"
        "    for number in {0, 1, 12345} - {os.getuid(), os.getgid()}:\n"
        "        try: getattr(os, name)(number); print('became', name, number)\n"
        "        except OSError: pass\n"
        "print('tried')\n"
    )
    assert cell.python(program, profile).output == "tried\n"
    assert (
        "ran"
        not in cell.run("for file in su newgrp chsh; do $file </dev/null >/dev/null 2>&1 && echo ran; done").output
    )


@WITH_BUBBLEWRAP
@EVERY
def test_it_has_no_capability_and_cannot_get_one(bubble: Cell, profile: Profile) -> None:
    status = bubble.run("cat /proc/self/status", profile).output
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)

    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1"
    assert "0" not in fields["Uid"].split()


@EVERY
def test_a_setuid_file_of_its_own_gives_nothing(cell: Cell, profile: Profile) -> None:
    done = cell.run("cp /usr/bin/id $TMPDIR/id && chmod u+s $TMPDIR/id; $TMPDIR/id -u; id -u", profile)

    numbers = [line for line in done.output.splitlines() if line.isdigit()]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1


@EVERY
def test_nothing_can_be_mounted_and_no_namespace_made(cell: Cell, profile: Profile) -> None:
    tries = (
        "mkdir -p $TMPDIR/m; mount -t tmpfs none $TMPDIR/m && echo did; mount -t proc proc $TMPDIR/m && echo did; "
        "mount -o remount,rw / && echo did; umount -l /proc/sys && echo did; unshare -Ur true && echo did; "
        "unshare -Urm true && echo did; unshare -Urn true && echo did; nsenter -t 1 -a true && echo did; "
        "chroot / true && echo did; bwrap --ro-bind / / true && echo did; true"
    )

    assert "did" not in cell.run(tries, profile).output


@contextmanager
def _listening(sockets: "list[socket.socket]") -> Iterator[list[str]]:
    """What came in at these sockets, once the block is over."""
    heard: list[str] = []
    for each in sockets:
        each.settimeout(0.5)
    yield heard
    for each in sockets:
        try:
            if each.type == socket.SOCK_DGRAM:
                heard.append(each.recv(100).decode())
            else:
                connection, _ = each.accept()
                connection.close()
                heard.append("connected")
        except TimeoutError:
            pass
        finally:
            each.close()


_KNOCK = """
import socket
def knock(*args, to):
    try:
        with socket.socket(*args) as s:
            s.settimeout(2); s.connect(to); s.send(b'hello'); print('reached', to)
    except OSError as error: print(error)
knock(socket.AF_INET, socket.SOCK_STREAM, to=('127.0.0.1', {tcp}))
knock(socket.AF_INET, socket.SOCK_DGRAM, to=('127.0.0.1', {udp}))
knock(socket.AF_UNIX, socket.SOCK_STREAM, to='{path}')
knock(socket.AF_UNIX, socket.SOCK_STREAM, to='\\0{name}')
knock(40, socket.SOCK_STREAM, to=(2, 22))
"""


@ALONE
def test_without_the_network_it_reaches_nobody(cell: Cell, profile: Profile) -> None:
    tcp, udp, pathname, abstract = _sockets(cell)
    with _listening([tcp, udp, pathname, abstract]) as heard:
        done = _knock(cell, profile, tcp, udp)

    assert heard == [], done
    assert "127.0.0.1" not in cell.run("cat /proc/net/tcp; ip -o -4 addr", profile).output.replace("127.0.0.1/8", "")


def test_with_the_network_it_reaches_addresses_and_no_unix_socket(cell: Cell) -> None:
    tcp, udp, pathname, abstract = _sockets(cell)
    with _listening([tcp, udp, pathname, abstract]) as heard:
        done = _knock(cell, NETWORK, tcp, udp)

    assert heard == ["connected", "hello"], done


def _sockets(cell: Cell) -> tuple[socket.socket, socket.socket, socket.socket, socket.socket]:
    tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    tcp.bind(("127.0.0.1", 0))
    udp.bind(("127.0.0.1", 0))
    pathname, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    os.chdir(cell.outside)  # the path of such an address must be short
    pathname.bind("socket")
    abstract.bind(f"\0mallard-{os.getpid()}")
    for each in (tcp, pathname, abstract):
        each.listen()
    return tcp, udp, pathname, abstract


def _knock(cell: Cell, profile: Profile, tcp: socket.socket, udp: socket.socket) -> str:
    program = (
        _KNOCK.replace("{tcp}", str(tcp.getsockname()[1]))
        .replace("{udp}", str(udp.getsockname()[1]))
        .replace("{path}", os.path.relpath(cell.outside / "socket", cell.workspace))
        .replace("{name}", f"mallard-{os.getpid()}")
    )
    return cell.python(program, profile).output


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
