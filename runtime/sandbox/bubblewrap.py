"""Bubblewrap: namespaces that show a command a machine with nothing on it but programs and the workspace."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from runtime.sandbox.concealed import find_secrets, inside, topmost
from runtime.sandbox.filters import Sockets, assemble, is_known_machine
from runtime.sandbox.identity import NOBODY, Identity, count_processes, identity_for
from runtime.sandbox.in_memory import in_memory
from runtime.sandbox.limited import limited
from runtime.sandbox.port import Enclosed, SandboxUnfit, Scenery
from runtime.sandbox.profiles import Profile

EMPTY = Path(__file__).with_name("nothing")  # an empty file stands in for a secret one: a device would be an error
_ROOTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links into /usr, or folders on older systems
_ETC = (
    "alternatives", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "magic", "mime.types", "nsswitch.conf",
    "os-release", "passwd", "protocols", "services", "timezone",
)  # fmt: skip
_ETC_FOR_NETWORK = (
    "ca-certificates", "gai.conf", "host.conf", "hosts", "pki/ca-trust", "pki/tls/certs", "resolv.conf", "ssl/certs",
    "ssl/openssl.cnf",
)  # fmt: skip
_PROC = (
    "acpi",
    "bus",
    "fs",
    "irq",
    "kcore",
    "keys",
    "kmsg",
    "mtrr",
    "pressure",
    "scsi",
    "sys",
    "sysrq-trigger",
    "timer_list",
)
_UNFIT = frozenset(map(Path, ("/", "/usr", "/etc", "/proc", "/sys", "/dev", "/tmp", "/run", "/var")))  # noqa: S108  a place to keep out of
_TMP, _SHARED = "/tmp", "/dev/shm"  # noqa: S108  in the sandbox, where they are its own


class Tools(Struct, frozen=True, kw_only=True):
    """What of this machine is used. `setpriv` is needed by root alone; `version` decides which options there are."""

    bwrap: str
    version: tuple[int, ...]
    shell: tuple[str, ...]
    setpriv: str = ""


class Bubblewrap:
    name = "bubblewrap"

    def __init__(self, tools: Tools, scenery: Scenery) -> None:
        self._tools = tools
        self._scenery = scenery

    def check(self, workspace: Path, profile: Profile) -> None:
        self._check_identity(workspace)
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
        identity = self._check_identity(workspace)
        descriptors: tuple[int, ...] = ()
        options = [*self._namespaces(profile, identity), *_variables(environment, profile)]
        if is_known_machine():
            descriptors = (_filter_file(profile, lasting),)
            options += ["--seccomp", str(descriptors[0])]
        options += [*self._places(workspace, profile), "--chdir", str(workspace), "--"]
        inner = limited(argv, profile.limits, shell=self._tools.shell, processes=_most_processes(profile, identity))
        return Enclosed(
            argv=(self._tools.bwrap, *options, *self._as(identity), *inner),
            environment={},  # /proc/1/environ shows what bwrap was given, and nobody can empty it afterwards
            descriptors=descriptors,
        )

    def _check_identity(self, workspace: Path) -> Identity:
        check_place(workspace)
        identity = identity_for(workspace)
        if identity.becomes and not self._tools.setpriv:
            raise SandboxUnfit("it is not root's, and setpriv (of util-linux) is not there to change the user")
        return identity

    def _namespaces(self, profile: Profile, identity: Identity) -> Iterator[str]:
        yield from ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox")
        if not profile.network:
            yield "--unshare-net"
        yield from ("--die-with-parent", "--new-session", "--cap-drop", "ALL")
        if identity.becomes:
            # The mounts are made as root, which reaches every workspace; setpriv then gives all of it up.
            yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")
            return
        yield "--unshare-user"
        if identity.is_root:
            yield from ("--uid", str(NOBODY), "--gid", str(NOBODY))
        if self._tools.version >= (0, 8):
            yield "--disable-userns"

    def _places(self, workspace: Path, profile: Profile) -> Iterator[str]:
        yield from ("--ro-bind", "/usr", "/usr")
        for name in _ROOTS:
            place = Path("/", name)
            if place.is_symlink():
                yield from ("--symlink", os.readlink(place), str(place))
            elif place.is_dir():
                yield from ("--ro-bind", str(place), str(place))
        yield from ("--dir", "/etc")  # what bwrap makes unasked is for the user alone that it runs as
        for name in (*_ETC, *(_ETC_FOR_NETWORK if profile.network else ())):
            yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
        yield from ("--proc", "/proc", "--dev", "/dev")
        for name in _PROC:
            if Path("/proc", name).exists():
                yield from _covered(Path("/proc", name))
        for own in (_TMP, _SHARED):
            yield from ("--perms", "1777", *self._tmpfs(own, profile.limits.tmp))
        readable = [place for place in self._scenery.readable if place.is_dir()]
        for place in readable:
            yield from (*_way_to(place), "--ro-bind", str(place), str(place))
        yield from self._hidden(path for place in readable for path in inside(self._scenery.hidden, place))
        yield from _way_to(workspace)
        yield from ("--bind" if profile.writable else "--ro-bind", str(workspace), str(workspace))
        secrets = find_secrets(workspace) if profile.masks_secrets else ()
        yield from self._hidden((*inside(self._scenery.hidden, workspace), *secrets))
        yield from ("--remount-ro", "/dev", "--remount-ro", "/")

    def _tmpfs(self, place: str, size: int) -> Iterator[str]:
        if self._tools.version >= (0, 7):
            yield from ("--size", str(size))
        yield from ("--tmpfs", place)

    def _hidden(self, paths: Iterable[Path]) -> Iterator[str]:
        for path in topmost(paths):
            if path.is_dir():
                yield from (*self._tmpfs(str(path), 4096), "--remount-ro", str(path))
            else:
                yield from ("--ro-bind", str(EMPTY), str(path))

    def _as(self, identity: Identity) -> tuple[str, ...]:
        if not identity.becomes:
            return ()
        user, group = identity.becomes
        return (
            self._tools.setpriv, "--reuid", str(user), "--regid", str(group), "--clear-groups", "--inh-caps=-all",
            "--bounding-set=-all", "--no-new-privs", "--",
        )  # fmt: skip


def check_place(workspace: Path) -> None:
    """Raises SandboxUnfit for a folder that no sandbox could be built around."""
    if workspace in _UNFIT or any(workspace.is_relative_to(place) for place in ("/proc", "/sys", "/dev")):
        raise SandboxUnfit(f"nothing can be built around {workspace}")


def _way_to(place: Path) -> Iterator[str]:
    for folder in reversed(place.parents[:-1]):
        yield from ("--dir", str(folder))


def _covered(place: Path) -> tuple[str, ...]:
    """Root's files in /proc obey their owner, whatever capabilities it lacks: they are there read-only, or not at all."""
    if place.name in ("sys", "fs", "irq", "bus", "pressure"):
        return ("--ro-bind", str(place), str(place))
    return ("--tmpfs", str(place)) if place.is_dir() else ("--ro-bind", str(EMPTY), str(place))


def _variables(environment: Mapping[str, str], profile: Profile) -> Iterator[str]:
    yield "--clearenv"
    for name, value in {**environment, "HOME": _TMP, "TMPDIR": _TMP, **git_variables(profile)}.items():
        yield from ("--setenv", name, value)


def git_variables(profile: Profile) -> dict[str, str]:
    """The workspace may belong to somebody else, and its configuration may name programs to run."""
    settings = {"safe.directory": "*"}
    if not profile.writable:
        settings |= {"core.fsmonitor": "false", "core.hooksPath": "/dev/null", "log.showSignature": "false"}
        settings |= dict.fromkeys(
            ("gpg.program", "gpg.openpgp.program", "gpg.ssh.program", "gpg.x509.program"), "false"
        )
        settings |= {"safe.bareRepository": "explicit"}  # or any folder could be a repository with settings of its own
    numbered = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, pair in enumerate(settings.items())
        for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    fixed = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "PAGER": "cat"}
    locks = {} if profile.writable else {"GIT_OPTIONAL_LOCKS": "0"}
    return {**fixed, **locks, "GIT_CONFIG_COUNT": str(len(settings)), **numbered}


def _most_processes(profile: Profile, identity: Identity) -> int | None:
    if identity.is_root:
        return None  # the kernel holds root to no number of processes
    most = profile.limits.processes
    return most + count_processes(identity.becomes[0]) if identity.becomes else most


def _filter_file(profile: Profile, lasting: ExitStack) -> int:
    sockets = Sockets.OUTWARD if profile.network else Sockets.ALONE
    return in_memory("filter", assemble(traces=profile.traces, sockets=sockets), lasting)
