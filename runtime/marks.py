"""Marks that name the process that made them: whoever finds one later can tell whether that is still there."""

import os
import secrets
from pathlib import Path

_PROC = Path("/proc")
_UNKNOWN = "0"  # no PID namespace


def new_mark() -> str:
    """A mark that nobody had before, and that names us: whoever finds it later can tell whether we are still there."""
    return "-".join((*_this_process(), secrets.token_hex(16)))


def is_orphaned(mark: str) -> bool:
    """Whether who made this mark is known to be there no more. Of other PID namespaces nobody here can tell."""
    namespace, _, owner = mark.partition("-")
    pid, _, rest = owner.partition("-")
    beginning = rest.partition("-")[0]
    ours = _this_process()[0]
    return namespace == ours != _UNKNOWN and pid.isdigit() and beginning.isdigit() and _beginning(pid) != beginning


def sees_processes() -> bool:
    """Whether /proc tells of the processes that we could signal: it may be missing, or another PID namespace's."""
    try:
        return hasattr(os, "pidfd_open") and os.readlink(_PROC / "self") == str(os.getpid())
    except OSError:
        return False


def _this_process() -> tuple[str, str, str]:
    """The PID namespace, the number in it, and when it began: numbers are given again."""
    if not sees_processes():
        return _UNKNOWN, str(os.getpid()), "0"
    return str((_PROC / "self/ns/pid").stat().st_ino), str(os.getpid()), _beginning(str(os.getpid()))


def _beginning(pid: str) -> str:
    """In ticks since the machine started; "" where there is no such process, or none that is more than its exit status."""
    try:
        state, *others = (_PROC / pid / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in "ZX" else others[18]
