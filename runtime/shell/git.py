"""git: the subcommands that read, with the options that keep them so."""

from functools import cache

from runtime.records import Risk
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.git_checks import GIT_CHECKS, question_formats
from runtime.shell.hosts import hosts_in
from runtime.shell.options import read_command_line
from runtime.shell.readers import read_rows
from runtime.shell.rows import Row
from runtime.shell.scope import Scope
from runtime.shell.secret_patterns import is_secret, may_mean_secret
from runtime.shell.verdicts import Action
from runtime.shell.words import DIGITS, NAMES, Word

_HARMLESS_BEFORE = frozenset({"--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs"})
_NETWORK = frozenset(
    ["clone", "fetch", "pull", "push", "ls-remote", "send-email", "svn", "lfs", "request-pull", "archive", "submodule"]
)
_LOSES = {
    "reset": "can throw away changes", "clean": "deletes files", "checkout": "can overwrite changes",
    "restore": "overwrites changes", "rebase": "rewrites history", "filter-branch": "rewrites history",
    "gc": "removes what nothing refers to", "prune": "removes what nothing refers to", "rm": "deletes files",
    "update-ref": "rewrites references",
}  # fmt: skip
_HOOKS = frozenset(["commit", "merge", "cherry-pick", "revert", "am", "switch"])
_LISTS_MORE = ("-s", "--stage", "--format", "-o", "--others", "--eol", "--debug", "-t", "-v")


@cache
def _subcommands() -> dict[str, Row]:
    return {row.name: row for row in read_rows("git")}


def question_git(words: list[Word], scope: Scope) -> None:
    """Add what is wrong with this git command to the findings. Raises NotUnderstood."""
    name, rest, folders = _split(words, scope)
    row = _subcommands().get(name)
    if row is None:
        scope.findings.add(_concern(name, rest, scope, folders))
        return
    reading = read_command_line(row, rest)
    for concern in (*question_formats(reading), *(GIT_CHECKS[row.check](reading) if row.check else ())):
        scope.findings.add(concern)
    for word in (*reading.operands, *reading.values("-L")):
        scope.findings.add(_question_operand(word, scope, folders))
    if name == "ls-files" and not reading.has(*_LISTS_MORE):
        scope.yields = NAMES
    elif name == "rev-list" and reading.has("--count"):
        scope.yields = DIGITS


def _split(words: list[Word], scope: Scope) -> tuple[str, list[Word], tuple[str, ...]]:
    folders = scope.folders
    queue = list(words)
    while queue and queue[0].text.startswith("-"):
        option = queue.pop(0).text
        if option == "-C" and queue:
            place = queue.pop(0)
            scope.findings.paths[str(place)] = None
            scope.findings.add(scope.ground.question(place, folders))
            if place.may_hold_other_digits:
                raise NotUnderstood(f"{show(f'git -C {place}')}: where this leads is not known")
            folders = tuple(f"{folder}/{place.text}" for folder in folders)
        elif option == "--version" and not queue:
            return "version", [], folders
        elif option not in _HARMLESS_BEFORE:
            reason = "this option before the subcommand can run other programs or look elsewhere"
            raise NotUnderstood(f"{show(f'git {option}')}: {reason}")
    if not queue or not queue[0].is_literal:
        raise NotUnderstood("`git` lacks a subcommand that is known")
    return queue[0].text, queue[1:], folders


def _question_operand(word: Word, scope: Scope, folders: tuple[str, ...]) -> Concern | None:
    """A revision, a path, or both (`HEAD:docs/a.md`): confined as a path would be, and never a secret's name."""
    text = word.text
    if text == NAMES:
        return None
    path = text.rsplit(":", 1)[-1]
    if text.startswith(":(") or "\n" in text:
        return Concern(f"{show(f'git … {word}')} is a kind of path that is not read here")
    if is_secret(path.lstrip("!^/")) or ("*" in path and may_mean_secret(path)):
        return Concern(f"{show(str(word))} looks like a file that holds secrets", Action.SECRETS, Risk.CRITICAL)
    if path.startswith("!") or path == "":
        return None
    found = scope.ground.question(Word(path, word.written), folders)
    if found is None and path != text and DIGITS in path and word.may_hold_other_digits:
        return Concern(f"which file {show(str(word))} is of the past is only known once it runs", Action.READ_OUTSIDE)
    return found


def _concern(name: str, rest: list[Word], scope: Scope, folders: tuple[str, ...]) -> Concern:
    shown = show(f"git {name}")
    if name in _NETWORK:
        scope.findings.hosts.update(dict.fromkeys(hosts_in(rest)))
        return Concern(f"{shown} talks to another machine", Action.NETWORK, needs_network=True)
    if name in _LOSES:
        return Concern(f"{shown} {_LOSES[name]}", Action.DESTROY)
    if name == "add" and all(_is_confined_to_add(word, scope, folders) for word in rest):
        return Concern(f"{shown} changes what the next commit will hold", Action.WRITE, Risk.MEDIUM)
    if name in _HOOKS:
        return Concern(f"{shown} changes the repository and runs its hooks", Action.EXECUTE)
    return Concern(f"{shown} is not known to only read", Action.WRITE)


def _is_confined_to_add(word: Word, scope: Scope, folders: tuple[str, ...]) -> bool:
    return word.text in ("-A", "-u", "-v", "--all", "--update", "--", ".") or (
        not word.text.startswith("-") and scope.ground.holds(word, folders)
    )
