"""Shell commands, read and not run: what they would do, and whether a person has to be asked first."""

from runtime.shell.classifying import classify
from runtime.shell.rules import NO_RULES, CommandPattern, CommandRules, read_pattern, read_rules
from runtime.shell.verdicts import Action, Classification, Verdict

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
