"""Commands that do more than read: what a person is told of them."""

import tomllib
from functools import cache
from importlib.resources import files

from runtime.records import Risk
from runtime.shell.concerns import Concern, show
from runtime.shell.hosts import hosts_in
from runtime.shell.scope import Scope
from runtime.shell.verdicts import Action
from runtime.shell.words import Word

_CRITICAL = frozenset({Action.PRIVILEGE, Action.SECRETS, Action.SYSTEM})
_MILDER = frozenset(
    {"chmod", "chgrp", "kill", "pkill", "killall", "history", "fc", "npm", "yarn", "pnpm", "uv", "poetry", "export"}
)
_PLAIN_OPTIONS = frozenset(
    [
        "-p",
        "-v",
        "-r",
        "-R",
        "-a",
        "-f",
        "-n",
        "-i",
        "-u",
        "-s",
        "-t",
        "-T",
        "--parents",
        "--verbose",
        "--recursive",
        "--archive",
        "--force",
        "--no-clobber",
    ]
)


@cache
def _known() -> dict[str, tuple[Action, str]]:
    text = files("runtime.shell.readers").joinpath("changes.toml").read_text(encoding="utf-8")
    return {
        name: (Action.WRITE if action == "confined" else Action(action), what)
        for action, names in tomllib.loads(text).items()
        for name, what in names.items()
    }


def question_change(name: str, words: list[Word], scope: Scope) -> None:
    """Add to the findings what this command does, as far as that is known."""
    action, what = _known().get(name.partition(".")[0] if name.startswith("mkfs.") else name, (Action.UNKNOWN, ""))
    for word in words:
        if not word.text.startswith("-") and ("/" in word.text or action in (Action.WRITE, Action.DESTROY)):
            scope.findings.paths[str(word)] = None
    network = action is Action.NETWORK
    scope.findings.hosts.update(dict.fromkeys(hosts_in(words, bare=network)))
    written = show(" ".join((name, *map(str, words))))
    if action is Action.UNKNOWN:
        scope.findings.add(Concern(f"{show(name)} is not a command that is known here, so it may do anything"))
        return
    scope.findings.add(Concern(f"{written} {what}", action, _risk(name, action, words, scope), network))


def _risk(name: str, action: Action, words: list[Word], scope: Scope) -> Risk:
    if action is Action.WRITE:
        operands = [word for word in words if not word.text.startswith("-")]
        plain = all(word.text in _PLAIN_OPTIONS for word in words if word.text.startswith("-"))
        inside = all(scope.ground.holds(word, scope.folders) for word in operands)
        return Risk.MEDIUM if plain and inside and name != "ln" else Risk.HIGH
    return Risk.CRITICAL if action in _CRITICAL and name not in _MILDER else Risk.HIGH
