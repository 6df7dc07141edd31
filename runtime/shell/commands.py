"""One simple command: a name and the words after it."""

import re

from runtime.shell.changes import question_change
from runtime.shell.checks import CHECKS
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.conditions import question_test
from runtime.shell.git import question_git
from runtime.shell.languages.find import question_find
from runtime.shell.moving import question_cd, question_read
from runtime.shell.options import read_command_line
from runtime.shell.readers import rows, version_words
from runtime.shell.rows import Operands, Reading, Takes
from runtime.shell.scope import Scope
from runtime.shell.words import DIGITS, NAMES, PLAIN_NAMES, Word, literal_of
from runtime.shell.wrappers import WRAPPERS, unwrap

_PLAIN_NAME = re.compile(r"(?:/usr)?/bin/([A-Za-z0-9._+\[-]+)\Z|([A-Za-z0-9._+\[:-]+)\Z")
_MOST_WRAPPERS = 6
_FILTERS = frozenset({"sort", "head", "tail", "uniq", "tac"})
_SEARCHES = frozenset({"grep", "egrep", "fgrep"})


def question_command(words: list[Word], scope: Scope, depth: int = 0) -> None:
    """Add to the findings what a person has to know of this command, and say in the scope what it prints."""
    scope.yields = ""
    if not words:
        return
    found = _PLAIN_NAME.match(words[0].text)
    if not found:
        scope.findings.add(Concern(f"{show(str(words[0]))} is not the plain name of a program that is known"))
        return
    name = found[1] or found[2]
    scope.findings.programs[name] = None
    if _is_settled_by_rule(words, scope):
        return
    try:
        _question_named(name, words[1:], scope, depth)
    except NotUnderstood as error:
        scope.findings.add(Concern(str(error)))


def _is_settled_by_rule(words: list[Word], scope: Scope) -> bool:
    argv = literal_of(words)
    shown = argv or tuple(word.known for word in words)
    if denied := scope.rules.find_denial(shown):
        scope.findings.denied_by[denied] = None
    if argv and (allowed := scope.rules.find_allowance(argv)):
        scope.findings.lifted_by[allowed] = None
        return True
    return False


def _question_named(name: str, words: list[Word], scope: Scope, depth: int) -> None:
    if name in WRAPPERS:
        if depth >= _MOST_WRAPPERS:
            raise NotUnderstood("it is wrapped too deeply")
        if inner := unwrap(name, words, scope):
            question_command(inner, scope, depth + 1)
    elif len(words) == 1 and name in version_words() and words[0].text in version_words()[name][0]:
        scope.findings.programs.update(dict.fromkeys(version_words()[name][1]))
    elif name == "find":
        question_find(words, scope, lambda inner, within: question_command(inner, within, depth + 1))
    elif name == "git":
        question_git(words, scope)
    elif name in ("test", "["):
        question_test(name, words, scope)
    elif name == "cd":
        question_cd(words, scope)
    elif name == "read":
        question_read(words, scope)
    elif row := rows().get(name):
        scope.findings.programs.update(dict.fromkeys(row.runs))
        reading = read_command_line(row, _with_dash(words) if name == "tar" else words)
        _question_reading(reading, scope)
        scope.yields = _what_is_printed(reading, scope)
    else:
        question_change(name, words, scope)


def _with_dash(words: list[Word]) -> list[Word]:
    """`tar tvf x`, as tar has been called since before options had dashes."""
    first = words[0] if words else Word("")
    return [Word(f"-{first.text}", first.written and f"-{first}"), *words[1:]] if first.text.isalpha() else words


def _question_reading(reading: Reading, scope: Scope) -> None:
    row = reading.row
    for concern in CHECKS[row.check](reading, scope) if row.check else ():
        scope.findings.add(concern)
    paths = [value for name, value in reading.options if value is not None and row.options.get(name) is Takes.PATH]
    if row.operands in (Operands.PATHS, Operands.PATTERN):
        pattern_is_operand = row.operands is Operands.PATTERN and not reading.has(*row.pattern_options)
        paths += reading.operands[pattern_is_operand:]
    for path in paths:
        scope.findings.paths[str(path)] = None
        names_allowed = row.names_only or row.name in _SEARCHES
        scope.findings.add(scope.ground.question(path, scope.folders, names_allowed=names_allowed))


def _what_is_printed(reading: Reading, scope: Scope) -> str:
    """What may be said of it: digits, names of files below, or nothing."""
    name, operands = reading.row.yields, reading.operands
    if name == "digits" or (name == "wc" and not operands) or (name == "seq" and not reading.options):
        return DIGITS
    if (
        name == "date"
        and operands
        and operands[0].text in ("+%s", "+%Y", "+%m", "+%d", "+%H", "+%M", "+%S", "+%j", "+%Y%m%d")
    ):
        return DIGITS
    if name == "grep":
        if reading.has("-c", "--count") and len(operands) < 2 and not reading.has("-r", "-R", "--recursive", "-H"):
            return DIGITS
        if reading.has("-l", "-L", "--files-with-matches", "--files-without-match"):
            return NAMES
        through = len(operands) == 1 and not reading.has(
            "-n", "-o", "-b", "-A", "-B", "-C", "-H", "-T", "-e", "--only-matching"
        )
        return scope.stdin if through and scope.stdin != DIGITS else ""
    if reading.row.name in _FILTERS and not operands and not reading.has("-c", "--count", "--bytes", "-D", "--group"):
        return scope.stdin if scope.stdin in (NAMES, PLAIN_NAMES) else ""
    return ""
