"""The sandbox that the settings ask for, and the tool that runs commands in it."""

from functools import partial

from bots.settings import Settings
from runtime.sandbox.finding import PATH, Found, find_sandbox
from runtime.sandbox.port import Scenery
from runtime.shell import classify
from runtime.tools.passwords import Passwords
from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.sudo import Sudo


def sandbox_of(settings: Settings, *, path: str = PATH, landlock: bool = True) -> Found:
    """Which one this machine has. Blocks for a moment: it is tried."""
    scenery = Scenery(readable=settings.sandbox_readable, hidden=(settings.database.parent,))
    return find_sandbox(scenery, path=path, landlock=landlock)


def shell_of(settings: Settings, passwords: Passwords | None = None) -> ShellExecSafe:
    """Looks for its sandbox when it is first needed. `passwords` asks at this process's own terminal, where it has one."""
    return ShellExecSafe(
        partial(classify, rules=settings.command_rules),
        find=lambda: sandbox_of(settings),
        may_leave=settings.outside_sandbox == "ask",
        sudo=Sudo(program=settings.shell_sudo, passwords=passwords) if settings.shell_sudo else None,
    )
