"""Shell commands, read and not run: what they would do, and whether a person has to be asked first."""

from pathlib import Path

from runtime.records import Workspace
from runtime.shell.rules import NO_RULES, CommandPattern, CommandRules, read_pattern, read_rules
from runtime.shell.verdicts import Action, Classification, Verdict


def classify(command: str, workspace: Workspace | Path, *, rules: CommandRules = NO_RULES) -> Classification:
    """What `bash -c` would do with a command in this workspace, without running it.

    Reads the names of files in the workspace, and nothing else. Whatever is not understood is asked about. Never raises.
    """
    from runtime.shell.classifying import (
        classify as by_grammar,  # the grammar is loaded for the first command, not at start
    )

    return by_grammar(command, workspace, rules=rules)


__all__ = [
    "NO_RULES",
    "Action",
    "Classification",
    "CommandPattern",
    "CommandRules",
    "Verdict",
    "classify",
    "read_pattern",
    "read_rules",
]
