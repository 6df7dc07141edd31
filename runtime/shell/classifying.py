"""From the text of a command to a verdict."""

import os
from pathlib import Path

from runtime.records import Risk, Workspace
from runtime.shell.arithmetic import set_by_arithmetic
from runtime.shell.concerns import Concern, Findings
from runtime.shell.destruction import argvs_in, find_destruction
from runtime.shell.grammar import parse
from runtime.shell.ground import Ground
from runtime.shell.rules import NO_RULES, CommandRules
from runtime.shell.scope import Scope
from runtime.shell.screening import find_oddity
from runtime.shell.statements import walk_all
from runtime.shell.verdicts import Action, Classification, Verdict


def classify(command: str, workspace: Workspace | Path, *, rules: CommandRules = NO_RULES) -> Classification:
    """What `bash -c` would do with a command in this workspace, without running it.

    Reads the names of files in the workspace, and nothing else. Whatever is not understood is asked about. Never raises.
    """
    findings = Findings()
    root = os.path.realpath(workspace.path if isinstance(workspace, Workspace) else workspace)
    if oddity := find_oddity(command):
        findings.add(Concern(oddity))
    try:
        destruction = _read(command.replace("\0", ""), root, rules, findings)  # as bash would read it
    except RecursionError:
        destruction = ""
        findings.add(Concern("it is nested too deeply to be read"))
    return _conclude(destruction, findings)


def _read(command: str, root: str, rules: CommandRules, findings: Findings) -> str:
    tree = parse(command)
    scope = Scope(
        Ground(root),
        rules,
        findings,
        folders=(root,),
        walk=lambda node, inner: walk_all([node], inner),
        counted=frozenset(set_by_arithmetic(tree)),
    )
    walk_all(tree.children, scope)
    if tree.has_error:
        findings.add(Concern("it is not a command that the shell's grammar can read"))
    for argv in argvs_in(tree) if rules.deny else ():
        if denied := rules.find_denial(argv):
            findings.denied_by[denied] = None
    return find_destruction(tree)


def _conclude(destruction: str, findings: Findings) -> Classification:
    if destruction:
        verdict, action, risk, reason = Verdict.BLOCK, Action.DESTROY, Risk.CRITICAL, destruction
    elif findings.denied_by:
        pattern = next(iter(findings.denied_by))
        verdict, action, risk = Verdict.BLOCK, Action.UNKNOWN, Risk.CRITICAL
        reason = f"an administrator's rule refuses it: `{pattern}`"
    elif findings.concerns:
        worst = findings.worst()
        verdict, action, risk, reason = Verdict.APPROVE, findings.action(), worst.risk, worst.reason
    else:
        verdict, action, risk, reason = Verdict.AUTO, Action.READ, Risk.LOW, ""
    return Classification(
        verdict=verdict,
        action=action,
        risk=risk,
        reason=reason,
        paths=tuple(findings.paths),
        hosts=tuple(findings.hosts),
        programs=tuple(findings.programs),
        needs_network=findings.needs_network(),
        allowed_by=next(iter(findings.lifted_by), "") if verdict is Verdict.AUTO else "",
    )
