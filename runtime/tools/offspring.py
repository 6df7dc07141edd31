"""All processes that one command started, and their end.

They are known by the mark in their environment, by the lifeline that they inherited (one end of a pipe, which does
nothing but be open), by their session and process group, and by their parents. On Linux all of these are read from
/proc, and signals go through pidfds, which cannot hit a stranger that was given an old number. What escapes: a process
that emptied its environment *and* closed what it inherited *and* left the session *and* whose parent had ended before
we looked; and one that took another user's rights, which we may not signal. Elsewhere than on Linux it is the process
group alone, and killing that is all there is.
"""

import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path

from runtime.marks import is_orphaned, sees_processes

MARK = "MALLARD_CALL"
_PROC = Path("/proc")
_ROUNDS = 100
_ROUND_SECONDS = 0.2


def end_orphans(grace: float) -> int:
    """End what was started by processes of ours that were killed before they could end it. Blocks; gives back how many
    families were found. Those of other PID namespaces are left alone: nobody here can tell who lives there."""
    if not sees_processes():
        return 0
    marks = {_mark_of(entry) for entry in _PROC.iterdir() if entry.name.isdigit()}
    families = [Offspring(mark=mark, lifeline=None, leader=None) for mark in marks if is_orphaned(mark)]
    orphans = [family for family in families if not family.holds(os.getpid())]  # we may be somebody's command ourselves
    for family in orphans:
        family.end(grace)
    return len(orphans)


class Offspring:
    """What one command started: `mark` is in its environment, and it holds the writing end of `lifeline`, None where that
    is closed.

    `leader` is the command itself, None if it never came to be. Where it `keeps_family` it is a sandbox, with which
    everybody dies: it is not asked to end, so that those in it can, but killed after them.
    """

    def __init__(self, *, mark: str, lifeline: int | None, leader: int | None, keeps_family: bool = False) -> None:
        self._mark = f"{MARK}={mark}".encode()
        self._lifeline = lifeline
        self._leader = leader
        self._keeps_family = keeps_family
        self._watched: dict[int, int] = {}  # process id → pidfd

    def ask_group_to_end(self) -> None:
        """The first, polite word to those who stayed together; at once and without waiting."""
        if not self._keeps_family:
            self._signal_group(signal.SIGTERM)

    def look(self) -> None:
        """Know who lives now, before the command is told to go: whose parent is gone by then may be found no more."""
        if sees_processes():
            self._gather()

    def holds(self, pid: int) -> bool:
        """Whether this process is one of them, or came from one of them."""
        return pid in self._living()

    def end(self, grace: float) -> int:
        """End all of them: asked first, killed after `grace` seconds. Blocks; gives back how many would not go."""
        if not sees_processes():
            self._signal_group(signal.SIGKILL)
            return 0
        try:
            if not self._gather():
                return 0
            self._signal(signal.SIGTERM)
            self._wait(grace)
            for _ in range(_ROUNDS):
                if not self._gather():
                    break
                self._signal(signal.SIGKILL)
                self._wait(_ROUND_SECONDS)
            return len(self._watched)
        finally:
            for descriptor in self._watched.values():
                os.close(descriptor)
            self._watched.clear()

    def _gather(self) -> bool:
        """Find those who live now, keep those found earlier, drop those who ended. False: nobody is left."""
        for pid in self._living() - self._watched.keys():
            with suppress(OSError):
                self._watched[pid] = os.pidfd_open(pid)
        self._wait(0)
        return bool(self._watched)

    def _living(self) -> set[int]:
        pipe = _pipe_name(self._lifeline)
        found: set[int] = set()
        children: dict[int, list[int]] = {}
        for entry in _PROC.iterdir():
            if not entry.name.isdigit() or (kin := _kin(entry)) is None:
                continue
            children.setdefault(kin[0], []).append(int(entry.name))
            if self._leader in (int(entry.name), *kin[1:]) or _is_marked(entry, self._mark) or _holds(entry, pipe):
                found.add(int(entry.name))
        return _with_descendants(found, children)

    def _signal(self, number: signal.Signals) -> None:
        is_asked = number is signal.SIGTERM and self._keeps_family
        if not is_asked:
            self._signal_group(number)
        for pid, descriptor in self._watched.items():
            if is_asked and pid == self._leader:
                continue
            with suppress(OSError):
                signal.pidfd_send_signal(descriptor, number)

    def _signal_group(self, number: signal.Signals) -> None:
        if self._leader is not None:
            with suppress(OSError):
                os.killpg(self._leader, number)

    def _wait(self, seconds: float) -> None:
        """Until all have ended, or for so long. A pidfd is readable once its process has ended."""
        until = time.monotonic() + seconds
        poll = select.poll()
        by_descriptor = {descriptor: pid for pid, descriptor in self._watched.items()}
        for descriptor in by_descriptor:
            poll.register(descriptor, select.POLLIN)
        while by_descriptor:
            ended = poll.poll(max(until - time.monotonic(), 0) * 1000)
            for descriptor, _ in ended:
                poll.unregister(descriptor)
                del self._watched[by_descriptor.pop(descriptor)]
                os.close(descriptor)
            if not ended:
                return


def _with_descendants(found: set[int], children: dict[int, list[int]]) -> set[int]:
    fresh = list(found)
    while fresh:
        for pid in children.get(fresh.pop(), []):
            if pid not in found:
                found.add(pid)
                fresh.append(pid)
    return found


def _kin(entry: Path) -> tuple[int, int, int] | None:
    """Parent, process group and session; None for a process that has ended."""
    try:
        stat = (entry / "stat").read_text(errors="replace")
    except OSError:
        return None
    state, parent, group, session, *_ = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return None if state in "ZX" else (int(parent), int(group), int(session))


def _is_marked(entry: Path, mark: bytes) -> bool:
    with suppress(OSError):
        return mark in (entry / "environ").read_bytes().split(b"\x00")
    return False


def _mark_of(entry: Path) -> str:
    with suppress(OSError):
        for variable in (entry / "environ").read_bytes().split(b"\x00"):
            if variable.startswith(f"{MARK}=".encode()):
                return variable.partition(b"=")[2].decode(errors="replace")
    return ""


def _pipe_name(lifeline: int | None) -> str | None:
    """How /proc writes the pipe; None where nobody holds its other end any more, so that nobody need be searched."""
    if lifeline is None:
        return None
    poll = select.poll()
    poll.register(lifeline, 0)
    hung_up = any(event & select.POLLHUP for _, event in poll.poll(0))
    return None if hung_up else f"pipe:[{os.fstat(lifeline).st_ino}]"


def _holds(entry: Path, pipe: str | None) -> bool:
    """Whether a process has the lifeline open. We ourselves hold only the reading end, and must not be found."""
    if pipe is None or entry.name == str(os.getpid()):
        return False
    with suppress(OSError):
        return any(_leads_to(descriptor, pipe) for descriptor in (entry / "fd").iterdir())
    return False


def _leads_to(descriptor: Path, pipe: str) -> bool:
    with suppress(OSError):
        return str(descriptor.readlink()) == pipe
    return False
