"""What a sandbox is."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from runtime.sandbox.profiles import Profile


class SandboxUnfit(Exception):
    """This workspace cannot be kept in this sandbox; the words say why. Nothing was run."""


class Enclosed(Struct, frozen=True, kw_only=True):
    """How to start a command so that it is held, once. `descriptors` must be inherited by it."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()


class Scenery(Struct, frozen=True, kw_only=True):
    """What of this machine commands are shown or denied beside the workspace.

    `readable` are folders to read programs from, beyond the system's own. `hidden` are files and folders that no command
    ever sees, wherever they lie: our database and settings.
    """

    readable: tuple[Path, ...] = field(default=())
    hidden: tuple[Path, ...] = field(default=())


class Sandbox(Protocol):
    """Something that holds commands. `name` is for people and for the record."""

    @property
    def name(self) -> str: ...

    def check(self, workspace: Path, profile: Profile) -> None:
        """Raises SandboxUnfit where this workspace cannot be kept in it. Blocks for a look at the workspace."""
        ...

    def enclose(
        self,
        argv: Sequence[str],
        workspace: Path,
        profile: Profile,
        environment: Mapping[str, str],
        lasting: ExitStack,
    ) -> Enclosed:
        """The command as it is to be started. What it needs lives until `lasting` is closed. Blocks for a look at the
        workspace; raises SandboxUnfit or OSError."""
        ...
