"""A classifier that reads its verdict in the command, and sandboxes by name."""

from collections.abc import Callable
from pathlib import Path

from runtime.records import Risk
from runtime.sandbox.finding import Found, find_sandbox
from runtime.sandbox.port import Scenery
from runtime.shell.verdicts import Action, Classification, Verdict
from tests.needs import NOWHERE


def judge(command: str, workspace: Path) -> Classification:
    """`auto` where the command ends in `# auto`, `block` where in `# block`; `# network` is one that wants it."""
    if command.endswith("# auto"):
        return Classification(verdict=Verdict.AUTO, action=Action.READ, risk=Risk.NONE)
    if command.endswith("# block"):
        return Classification(
            verdict=Verdict.BLOCK, action=Action.DESTROY, risk=Risk.CRITICAL, reason="it would destroy the disk"
        )
    return Classification(
        verdict=Verdict.APPROVE,
        action=Action.WRITE,
        risk=Risk.MEDIUM,
        reason="it writes a file",
        needs_network=command.endswith("# network"),
    )


def no_sandbox() -> Found:
    return find_sandbox(Scenery(), path=NOWHERE, landlock=False)


def sandbox_called(name: str) -> Callable[[], Found]:
    if name == "bubblewrap":
        return lambda: find_sandbox(Scenery(), landlock=False)
    return lambda: find_sandbox(Scenery(), path=NOWHERE)
