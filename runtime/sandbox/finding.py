"""Which sandbox this machine has: tried, not guessed."""

import re
import shutil
import subprocess
import sys
from contextlib import ExitStack

from msgspec import Struct

from runtime.sandbox.bubblewrap import Bubblewrap, Tools
from runtime.sandbox.filters import is_known_machine
from runtime.sandbox.folders import own_folder
from runtime.sandbox.landlock import Landlock
from runtime.sandbox.port import Sandbox, SandboxUnfit, Scenery
from runtime.sandbox.profiles import STRICT

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PATIENCE = 10.0
_VERSION_NEEDED = (0, 5)


class Found(Struct, frozen=True, kw_only=True):
    """`sandbox` is None where there is none. `why_not` says of each better one why it cannot be used, "" for the best."""

    sandbox: Sandbox | None
    why_not: str = ""


def shell_of(path: str = PATH) -> tuple[str, ...]:
    """The beginning of a command line that reads no start-up files."""
    bash = shutil.which("bash", path=path)
    return (bash, "--noprofile", "--norc") if bash else ("/bin/sh",)


def find_sandbox(scenery: Scenery, *, path: str = PATH, landlock: bool = True) -> Found:
    """The best sandbox that really ran a command just now. Blocks for a moment.

    `path` is where programs are looked for; without `landlock` that one is not tried.
    """
    if not sys.platform.startswith("linux"):
        return Found(sandbox=None, why_not="sandboxes are there on Linux only")
    reasons: list[str] = []
    for find in (_find_bubblewrap, _find_landlock) if landlock else (_find_bubblewrap,):
        found = find(scenery, path)
        if not isinstance(found, str):
            reason = _try(found)
            if not reason:
                return Found(sandbox=found, why_not="; ".join(reasons))
            found = f"{found.name} does not work here: {reason}"
        reasons.append(found)
    return Found(sandbox=None, why_not="; ".join(reasons))


def _find_bubblewrap(scenery: Scenery, path: str) -> Sandbox | str:
    bwrap = shutil.which("bwrap", path=path)
    if bwrap is None:
        return "bubblewrap is not installed"
    try:
        said = subprocess.run([bwrap, "--version"], env={}, capture_output=True, timeout=_PATIENCE, check=True).stdout  # noqa: S603  found in the system's own folders
    except (OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap does not start: {error}"
    version = tuple(int(part) for part in re.findall(rb"\d+", said)[:3])
    if version < _VERSION_NEEDED:
        return f"bubblewrap {'.'.join(map(str, version))} is too old"
    setpriv = shutil.which("setpriv", path=path) or ""
    return Bubblewrap(Tools(bwrap=bwrap, version=version, shell=shell_of(), setpriv=setpriv), scenery)


def _find_landlock(scenery: Scenery, path: str) -> Sandbox | str:
    from runtime.sandbox.landlock_launcher import ABI_NEEDED, abi

    found = abi()
    if found < ABI_NEEDED:
        return (
            f"the kernel's Landlock is {f'of version {found}' if found else 'missing'}: version {ABI_NEEDED} is needed"
        )
    if not is_known_machine():
        return "there is no filter of system calls for this processor"
    return Landlock(shell_of(), scenery)


def _try(sandbox: Sandbox) -> str:
    """Why a sandbox does not hold a command that does nothing; "" where it does."""
    shell = shell_of()
    with ExitStack() as lasting:
        try:
            folder = own_folder(lasting).resolve()
            enclosed = sandbox.enclose((*shell, "-c", "true"), folder, STRICT, {"PATH": PATH}, lasting)
            done = subprocess.run(  # noqa: S603  our own command line
                enclosed.argv, env=dict(enclosed.environment), pass_fds=enclosed.descriptors, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=_PATIENCE, check=False,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError, SandboxUnfit) as error:
            return str(error)
    return "" if done.returncode == 0 else _last_line(done.stderr) or f"exit status {done.returncode}"


def _last_line(said: bytes) -> str:
    return said.decode(errors="replace").strip().rpartition("\n")[2][:200]
