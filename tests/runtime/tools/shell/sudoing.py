"""People at a terminal, who are asked for a password."""

import asyncio
from pathlib import Path

from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.sudo import Sudo
from tests.fakes.sudo import PASSWORD, stand_in
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox


class Person:
    """Types the same each time, or nothing at all. `given` is what they typed, as whoever asked has it."""

    def __init__(self, types: str | None = PASSWORD) -> None:
        self._types = types
        self.asked_about: list[str] = []
        self.given: list[bytearray] = []

    async def ask(self, command: str) -> bytearray | None:
        self.asked_about.append(command)
        if self._types is None:
            return None
        self.given.append(bytearray(self._types.encode()))
        return self.given[-1]


class Hesitant(Person):
    """Thinks about it for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.left = asyncio.Event(), asyncio.Event()

    async def ask(self, command: str) -> bytearray | None:
        self.reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        return None


def bench_with(folder: Path, person: Person | None) -> Bench:
    """A shell that has sudo, at a terminal where this person sits, or at none."""
    workspace = folder / "workspace"
    workspace.mkdir()
    sudo = Sudo(program=stand_in(folder), passwords=person)
    return Bench(tool=ShellExecSafe(judge, find=no_sandbox, sudo=sudo), workspace=workspace_at(workspace))
