"""What holds the commands that run."""

import asyncio
import os
import stat
from pathlib import Path

from bots.doctor.findings import Finding, ok, warn
from bots.sandboxes import sandbox_of
from bots.settings import Settings
from runtime.sandbox.finding import PATH

_INSTALL = (
    "Install bubblewrap: apt install bubblewrap, dnf install bubblewrap, apk add bubblewrap. In a container it needs "
    "leave to make user namespaces."
)


async def examine_sandbox(settings: Settings, *, path: str = PATH, landlock: bool = True) -> tuple[Finding, ...]:
    """`path` is where programs are looked for; without `landlock` that one is not tried."""
    found = await asyncio.to_thread(sandbox_of, settings, path=path, landlock=landlock)
    if found.sandbox is None:
        words = f"there is none ({found.why_not}): every command asks, and then runs with all rights of this user"
        return (warn("sandbox", words, _INSTALL), *_examine_leaving(settings))
    if found.why_not:
        words = f"{found.sandbox.name}, the second best ({found.why_not})"
        return (warn("sandbox", words, _INSTALL), *_examine_leaving(settings))
    return (ok("sandbox", f"commands run in {found.sandbox.name}"), *_examine_leaving(settings))


def _examine_sudo(program: Path) -> Finding:
    try:
        status = program.stat()
    except OSError as error:
        words = f"there is no {program} (MALLARD_SHELL_SUDO): {error.strerror}"
        return warn(
            "sudo", words, "Install sudo, or name where it is. Until then such calls are asked about, and then not run."
        )
    if not os.access(program, os.X_OK) or not (status.st_mode & stat.S_ISUID and status.st_uid == 0):
        words = (
            f"{program} (MALLARD_SHELL_SUDO) cannot give root's rights: it is no program of root's with the setuid bit"
        )
        return warn("sudo", words, "Name the real one, for example /usr/bin/sudo.")
    words = (
        f"commands may ask to run as root by {program}: somebody decides each time, and then the password is asked for at the "
        "terminal of `mallard up` or `mallard chat`; without one such calls are not run"
    )
    return ok("sudo", words)


def _examine_leaving(settings: Settings) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if settings.outside_sandbox == "ask":
        words = "commands may ask to run outside of it (MALLARD_OUTSIDE_SANDBOX=ask): a second person decides each time"
        found.append(ok("outside the sandbox", words))
    if settings.shell_sudo is not None:
        found.append(_examine_sudo(settings.shell_sudo))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words = "Mallard runs as root: in a workspace of root's, the kernel sets no limit on how many processes a command has"
        found.append(warn("root", words, "Run Mallard as a user of its own, who owns the workspaces."))
    return tuple(found)
