"""What holds the commands that run."""

import asyncio
import os

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


def _examine_leaving(settings: Settings) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if settings.outside_sandbox == "ask":
        words = "commands may ask to run outside of it (MALLARD_OUTSIDE_SANDBOX=ask): a second person decides each time"
        found.append(ok("outside the sandbox", words))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words = "Mallard runs as root: in a workspace of root's, the kernel sets no limit on how many processes a command has"
        found.append(warn("root", words, "Run Mallard as a user of its own, who owns the workspaces."))
    return tuple(found)
