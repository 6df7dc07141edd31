"""A sandbox with a workspace in it, to try to get out of."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct, field

from runtime.sandbox.finding import PATH, find_sandbox, shell_of
from runtime.sandbox.port import Sandbox, Scenery
from runtime.sandbox.profiles import STRICT, Profile, approved
from tests.needs import NOWHERE

APPROVED = approved(network=False)
NETWORK = approved(network=True)
CANARY = "canary-4711"


class Done(Struct, frozen=True, kw_only=True):
    returncode: int
    output: str


class Cell(Struct, frozen=True, kw_only=True):
    """`outside` is a folder beside the workspace, with what nobody in the sandbox may reach."""

    sandbox: Sandbox
    workspace: Path
    outside: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "LANG": "C.UTF-8"})

    def run(self, script: str, profile: Profile = STRICT) -> Done:
        """What a script says in a shell in the sandbox. Our own environment holds a canary meanwhile."""
        return self.run_argv((*shell_of(), "-c", script), profile)

    def python(self, program: str, profile: Profile = STRICT) -> Done:
        """The same for a Python program, with the system's own Python."""
        return self.run_argv(("/usr/bin/env", "python3", "-c", program), profile)

    def run_argv(self, argv: Sequence[str], profile: Profile) -> Done:
        os.environ["MALLARD_CANARY"] = CANARY
        try:
            with ExitStack() as lasting:
                enclosed = self.sandbox.enclose(argv, self.workspace, profile, self.environment, lasting)
                done = subprocess.run(
                    enclosed.argv, env=dict(enclosed.environment), pass_fds=enclosed.descriptors, cwd=self.workspace,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
                    start_new_session=True,
                )  # fmt: skip
        finally:
            del os.environ["MALLARD_CANARY"]
        return Done(returncode=done.returncode, output=done.stdout.decode(errors="replace"))


def open_cell(name: str, folder: Path) -> Cell:
    """A cell in the sandbox of that name, which must be there."""
    workspace, outside = folder / "workspace", folder / "outside"
    workspace.mkdir()
    outside.mkdir()
    (outside / "secret").write_text(CANARY)
    (outside / ".env").write_text(f"TOKEN={CANARY}\n")
    scenery = Scenery(hidden=(outside,))
    found = find_sandbox(scenery, landlock=False) if name == "bubblewrap" else find_sandbox(scenery, path=NOWHERE)
    assert found.sandbox is not None
    assert found.sandbox.name == name
    return Cell(sandbox=found.sandbox, workspace=workspace, outside=outside)
