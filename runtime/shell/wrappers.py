"""Commands that run another one: what stands before it, and the command itself."""

import re
from collections.abc import Callable

from runtime.records import Risk
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.options import read_command_line
from runtime.shell.rows import Operands, Row, read_options
from runtime.shell.scope import Scope
from runtime.shell.surroundings import question_prefix
from runtime.shell.verdicts import Action
from runtime.shell.words import NAMES, PLAIN_NAMES, SPREAD, UNKNOWN, Word

_DURATION = re.compile(r"\d+(\.\d+)?[smhd]?\Z")


def unwrap(name: str, words: list[Word], scope: Scope) -> list[Word]:
    """The inner command, [] where there is none and nothing is wrong. Raises NotUnderstood."""
    return WRAPPERS[name](name, words, scope)


def _row(name: str, options: str) -> Row:
    counts = "-#" in options.split()
    written = options.replace("-#", "")
    return Row(
        name=name, options=read_options(written), operands=Operands.TEXT, permutes=False, careful=True, counts=counts
    )


_ROWS = {
    row.name: row
    for row in (
        _row("timeout", "-v -ks: --preserve-status --foreground --kill-after= --signal= --verbose"),
        _row("nice", "-n: -# --adjustment="),
        _row("ionice", "-t -cn:"),
        _row("stdbuf", "-ioe: --input= --output= --error="),
        _row("time", "-p"),
        _row("command", "-p"),
        _row("env", "-i0 -u: --ignore-environment --unset= --null"),
        _row(
            "xargs",
            "-0rtx -nLPdIs: --null --no-run-if-empty --max-args= --max-lines= --max-procs= --delimiter= --verbose --exit",
        ),
    )
}


def _plain(name: str, words: list[Word], scope: Scope) -> list[Word]:
    inner = list(read_command_line(_ROWS[name], words).operands)
    if name == "timeout":
        if not inner or not _DURATION.match(inner[0].text):
            raise NotUnderstood("`timeout` lacks a duration that is known")
        inner = inner[1:]
    if not inner:
        raise NotUnderstood(f"{show(name)} lacks a command")
    return inner


def _command(name: str, words: list[Word], scope: Scope) -> list[Word]:
    if (
        words
        and words[0].text in ("-v", "-V")
        and all(word.is_literal and not word.text.startswith("-") for word in words[1:])
    ):
        return []  # only says where a program is
    return _plain(name, words, scope)


def _env(name: str, words: list[Word], scope: Scope) -> list[Word]:
    reading = read_command_line(_ROWS[name], words)
    inner = list(reading.operands)
    while inner and "=" in inner[0].text:
        word = inner.pop(0)
        variable, _, value = word.text.partition("=")
        scope.findings.add(question_prefix(variable, value, str(word)))
    if not inner:
        scope.findings.add(Concern("`env` shows every variable, which may be secrets", Action.SECRETS, Risk.CRITICAL))
    return inner


def _xargs(name: str, words: list[Word], scope: Scope) -> list[Word]:
    """The command with what will come down the pipe in its place."""
    reading = read_command_line(_ROWS[name], words)
    inner = list(reading.operands) or [Word("echo")]
    names = scope.stdin if scope.stdin in (NAMES, PLAIN_NAMES) else ""
    if mark := next(iter(reading.values("-I")), None):
        return [_put(word, mark.text, names or UNKNOWN) for word in inner]
    return [*inner, Word(names or SPREAD)]


def _put(word: Word, mark: str, value: str) -> Word:
    if not mark or mark not in word.text:
        return word
    return Word(value if word.text == mark else word.text.replace(mark, UNKNOWN), str(word))


Unwrap = Callable[[str, list[Word], Scope], list[Word]]
WRAPPERS: dict[str, Unwrap] = {
    "timeout": _plain, "nice": _plain, "ionice": _plain, "stdbuf": _plain, "time": _plain, "command": _command, "env": _env,
    "xargs": _xargs,
}  # fmt: skip
