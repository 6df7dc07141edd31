"""A program of its own: takes rights away from itself for good, and becomes the command. It imports nothing of ours.

    python -I -S landlock_launcher.py DESCRIPTOR COMMAND…

What is wanted is read from the descriptor: words that end with a NUL, since a path may hold anything else, each a name, "="
and a value. `network` is yes or no, `becomes` a user and a group or nothing, `filter` a program for system calls in
hexadecimal; every other name is a right, and its value a path.

It must run alone: what it does to itself cannot be undone, and may not be done between fork and exec of a process with
threads. Every command waits for it, so it imports little: json and typing would double that time.
"""

import ctypes
import errno
import os
import struct
import sys

CREATE, ADD, RESTRICT = 444, 445, 446
ABI_NEEDED = 6  # the first that keeps signals and abstract sockets in
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
FILES_ALL = (1 << 16) - 1  # up to ABI 5, which added IOCTL_DEV
DEVICE = WRITE_FILE | READ_FILE | 1 << 15
NET_ALL, SCOPE_ALL = 3, 3
NO_NEW_PRIVS, SECCOMP, CAPBSET_DROP, SECUREBITS, PDEATHSIG = 38, 22, 24, 28, 1
NO_ROOT = 0x2F  # root gets no capabilities by being root, keeps none, and cannot undo this
SIGKILL = 9

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    with open(int(sys.argv[1]), "rb") as wanted:
        words = wanted.read().split(b"\0")[:-1]
    restrict([(name.decode(), value) for name, _, value in (word.partition(b"=") for word in words)])
    command = sys.argv[2:]
    os.execv(command[0], command)  # noqa: S606  becoming the command is what it is for


def restrict(wanted: list[tuple[str, bytes]]) -> None:
    """All of it or an exception: a command that is held a little is not held."""
    single = {name: value for name, value in wanted if name in ("network", "becomes", "filter")}
    check(libc.prctl(PDEATHSIG, SIGKILL, 0, 0, 0))
    ruleset = make_ruleset(network=single["network"] == b"yes")
    for name, value in wanted:
        if name not in single:
            allow(ruleset, value, _RIGHTS[name])
    drop_capabilities([int(number) for number in single["becomes"].split()])
    check(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0))
    call(RESTRICT, ruleset, 0)
    os.close(ruleset)
    filter_calls(bytes.fromhex(single["filter"].decode()))


_RIGHTS = {
    "readable": EXECUTE | READ_FILE | READ_DIR,
    "writable": FILES_ALL & ~(1 << 6 | 1 << 11),  # but no devices are made
    "devices": DEVICE,
    "listable": READ_DIR,
}


def make_ruleset(*, network: bool) -> int:
    attributes = struct.pack("=QQQ", FILES_ALL, 0 if network else NET_ALL, SCOPE_ALL)
    return call(CREATE, attributes, len(attributes), 0)


def allow(ruleset: int, path: bytes, rights: int) -> None:
    """What is not there needs no right. A file takes only the rights that files have."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(f"/proc/self/fd/{place}"):
            rights &= EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15
        if rights:
            call(ADD, ruleset, 1, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def drop_capabilities(becomes: list[int]) -> None:
    """Root gives up everything but being the owner of its files."""
    if os.geteuid() != 0:
        return
    for number in range(64):
        libc.prctl(CAPBSET_DROP, number, 0, 0, 0)  # fails beyond the last one there is
    check(libc.prctl(SECUREBITS, NO_ROOT, 0, 0, 0))
    os.setgroups([])
    if becomes:
        user, group = becomes
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
    header, nothing = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    check(libc.capset(header, nothing))


def filter_calls(program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    holder = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    check(libc.prctl(SECCOMP, 2, ctypes.c_char_p(holder), 0, 0))


def abi() -> int:
    """Which Landlock the kernel has; 0 for none."""
    found = libc.syscall(ctypes.c_long(CREATE), None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(int(found), 0)


def call(number: int, *arguments: object) -> int:
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return check(libc.syscall(ctypes.c_long(number), *given))


def check(found: int) -> int:
    if found < 0:
        number = ctypes.get_errno() or errno.EPERM
        raise OSError(number, os.strerror(number))
    return found


if __name__ == "__main__":
    main()
