"""What options alone do not say of git's subcommands."""

import re
from collections.abc import Callable, Iterator

from runtime.records import Risk
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.rows import Reading
from runtime.shell.secret_patterns import looks_for_secrets
from runtime.shell.verdicts import Action

_SAFE_KEYS = re.compile(
    r"(user\.(name|email)|core\.(editor|autocrlf|bare|filemode|ignorecase)|init\.defaultbranch|pull\.rebase|push\.default"
    r"|branch\.[\w./-]+\.(merge|remote)|color\.ui|merge\.conflictstyle|diff\.algorithm)\Z",
    re.IGNORECASE,
)
_LISTING = ("--list", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at")


_FORMATS = ("--format", "--pretty", "--sort", "--group")
_SIGNATURES = re.compile(r"%[-+\s]*G|signature")


def question_formats(reading: Reading) -> Iterator[Concern]:
    """What is written about commits: to look at a signature, git runs the program that the repository names."""
    for word in reading.values(*_FORMATS):
        if _SIGNATURES.search(word.text):
            yield Concern(f"{show(str(word))} runs a program that checks signatures", Action.EXECUTE)
        elif not word.is_literal:
            raise NotUnderstood(f"{show(str(word))}: a format has to be plain text")


def _listing(reading: Reading) -> Iterator[Concern]:
    lists = reading.has(*_LISTING) or (
        reading.row.name == "tag" and reading.has("-l")
    )  # `branch -l` makes one in old gits
    if reading.operands and not lists:
        yield Concern(f"{show(f'git {reading.row.name} {reading.operands[0]}')} makes or moves one", Action.WRITE)


def _remote(reading: Reading) -> Iterator[Concern]:
    if reading.operands and reading.operands[0].text != "get-url":
        network = reading.operands[0].text in ("show", "update", "prune")
        action = Action.NETWORK if network else Action.WRITE
        yield Concern(
            f"{show(f'git remote {reading.operands[0]}')} is not known to only read", action, needs_network=network
        )


def _lists(reading: Reading) -> Iterator[Concern]:
    if not reading.operands or reading.operands[0].text not in ("list", "show"):
        yield Concern(f"{show(f'git {reading.row.name}')} is only known to read with `list` or `show`", Action.WRITE)


def _reflog(reading: Reading) -> Iterator[Concern]:
    first = reading.operands[0].text if reading.operands else "show"
    if first in ("expire", "delete", "drop", "write") or not all(word.is_literal for word in reading.operands):
        yield Concern(f"{show(f'git reflog {reading.operands[0]}')} removes history", Action.DESTROY)


def _single(reading: Reading) -> Iterator[Concern]:
    if len(reading.operands) != 1 or reading.operands[0].may_become_several:
        yield Concern(f"{show(f'git {reading.row.name}')} with two operands moves a reference", Action.WRITE)


def _config(reading: Reading) -> Iterator[Concern]:
    words = [word.text for word in reading.operands]
    words = words[1:] if words[:1] == ["get"] else words
    if reading.has("--list", "-l", "--get-regexp"):
        yield Concern("`git config` shows credentials with all its settings", Action.SECRETS, Risk.CRITICAL)
    elif len(words) != 1 or any(word.may_become_several for word in reading.operands):
        yield Concern("`git config` can change settings that run programs", Action.EXECUTE, Risk.CRITICAL)
    elif not _SAFE_KEYS.match(words[0]):
        yield Concern(f"{show(f'git config {reading.operands[-1]}')} may show a secret", Action.SECRETS, Risk.CRITICAL)


def _grep(reading: Reading) -> Iterator[Concern]:
    if not reading.operands and not reading.has("-e"):
        raise NotUnderstood("`git grep` lacks a pattern")
    for word in (*reading.operands[:1], *reading.values("-e")):
        if looks_for_secrets(word.known):
            yield Concern(f"{show(f'git grep {word}')} looks for secrets", Action.SECRETS, Risk.CRITICAL)


GIT_CHECKS: dict[str, Callable[[Reading], Iterator[Concern]]] = {
    "listing": _listing, "remote": _remote, "lists": _lists, "reflog": _reflog, "single": _single, "config": _config,
    "grep": _grep,
}  # fmt: skip
