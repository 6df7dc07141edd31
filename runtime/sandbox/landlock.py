"""Landlock with a filter of system calls: where namespaces are refused, a command is at least kept to its files.

It sees the names of files that it may not open, and the numbers of processes; it has no unix sockets, no signals for
others, and without the network no sockets at all. What it cannot be kept from, once approved: to change modes and times of
files elsewhere that are its user's.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from runtime.sandbox.bubblewrap import check_place, git_variables
from runtime.sandbox.concealed import find_secrets, inside, is_plain_git_configuration, topmost
from runtime.sandbox.filters import Around, Sockets, assemble
from runtime.sandbox.folders import own_folder
from runtime.sandbox.identity import count_processes, identity_for
from runtime.sandbox.in_memory import in_memory
from runtime.sandbox.limited import limited
from runtime.sandbox.port import Enclosed, SandboxUnfit, Scenery
from runtime.sandbox.profiles import Profile

LAUNCHER = Path(__file__).with_name("landlock_launcher.py")
_READABLE = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/group", "/etc/ld.so.cache",
    "/etc/localtime", "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd", "/proc/cpuinfo", "/proc/filesystems",
    "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/version",
)  # fmt: skip
_READABLE_FOR_NETWORK = (
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/pki",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)
_DEVICES = ("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero")


class Landlock:
    name = "landlock"

    def __init__(self, shell: tuple[str, ...], scenery: Scenery) -> None:
        self._shell = shell
        self._scenery = scenery

    def check(self, workspace: Path, profile: Profile) -> None:
        check_place(workspace)
        if profile.masks_secrets:
            find_secrets(workspace)

    def enclose(
        self,
        argv: Sequence[str],
        workspace: Path,
        profile: Profile,
        environment: Mapping[str, str],
        lasting: ExitStack,
    ) -> Enclosed:
        check_place(workspace)
        identity = identity_for(workspace)
        own = own_folder(lasting)
        if identity.becomes:
            own.chmod(0o711)  # it stays ours, to be known by; what is theirs lies in it
            own /= "home"
            own.mkdir(mode=0o700)
            os.chown(own, *identity.becomes)
        around = Around.TOUCH if profile.writable else Around.NOTHING
        sockets = Sockets.OUTWARD if profile.network else Sockets.NONE
        concealed = inside(self._scenery.hidden, workspace)
        if profile.masks_secrets:
            # What cannot be shown empty can only be refused, and git would do nothing then.
            concealed += tuple(path for path in find_secrets(workspace) if not is_plain_git_configuration(path))
        listable, kept = split_around(workspace, concealed) if concealed else ((), (workspace,))
        rights = {
            "readable": (*self._readable(profile), *(() if profile.writable else kept)),
            "writable": (own, *(kept if profile.writable else ())),
            "devices": _DEVICES,
            "listable": listable,
        }
        wanted = (
            f"network={'yes' if profile.network else 'no'}",
            f"becomes={' '.join(map(str, identity.becomes or ()))}",
            f"filter={assemble(traces=profile.traces, sockets=sockets, around=around).hex()}",
            *(f"{right}={place}" for right, places in rights.items() for place in places),
        )
        user = identity.becomes[0] if identity.becomes else os.geteuid()
        most = None if user == 0 else profile.limits.processes + count_processes(user)
        inner = limited(argv, profile.limits, shell=self._shell, processes=most)
        if any("\0" in word for word in wanted):
            raise SandboxUnfit("a path of it, or one that the settings let it read, holds a NUL")
        descriptor = in_memory("rights", b"".join(os.fsencode(word) + b"\0" for word in wanted), lasting)
        return Enclosed(
            argv=(sys.executable, "-I", "-S", str(LAUNCHER), str(descriptor), *inner),
            environment={**environment, "HOME": str(own), "TMPDIR": str(own), **git_variables(profile)},
            descriptors=(descriptor,),
        )

    def _readable(self, profile: Profile) -> Iterator[Path]:
        for name in (*_READABLE, *(_READABLE_FOR_NETWORK if profile.network else ())):
            yield Path(name)
        if profile.network:
            yield Path("/etc/resolv.conf").resolve()
        for place in self._scenery.readable:
            yield from split_around(place, inside(self._scenery.hidden, place))[1]


def split_around(place: Path, concealed: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """A folder as the folders on the way to what is concealed, which may only be listed, and all the rest.

    Landlock allows whole trees and cannot take anything back out of one.
    """
    hidden = frozenset(topmost(concealed))
    on_the_way = {folder for path in hidden for folder in path.parents if folder.is_relative_to(place)}
    if not on_the_way:
        return (), (place,)
    kept = [
        path
        for folder in on_the_way
        for path in folder.iterdir()
        if path not in hidden and path not in on_the_way and not path.is_symlink()
    ]
    return tuple(on_the_way), tuple(kept)
