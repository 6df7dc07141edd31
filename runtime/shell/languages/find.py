"""find: only tests and actions that are known to look and to print."""

from collections.abc import Callable, Iterator

from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.scope import Scope
from runtime.shell.secret_patterns import may_mean_secret
from runtime.shell.verdicts import Action
from runtime.shell.words import NAMES, PLAIN_NAMES, UNKNOWN, Word

_BEFORE = frozenset({"-H", "-P"})  # -L follows links out of the workspace
_ALONE = frozenset(
    {
        "(", ")", "!", "-not", "-a", "-and", "-o", "-or", ",", "-print", "-print0", "-ls", "-prune", "-depth", "-true", "-false",
        "-empty", "-readable", "-writable", "-executable", "-mount", "-xdev", "-nouser", "-nogroup", "-daystart", "-quit",
        "-noleaf", "-ignore_readdir_race",
    }
)  # fmt: skip
_WITH_VALUE = frozenset(
    {
        "-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-regextype", "-type", "-xtype",
        "-size", "-mtime", "-atime", "-ctime", "-mmin", "-amin", "-cmin", "-maxdepth", "-mindepth", "-perm", "-user", "-group",
        "-uid", "-gid", "-links", "-inum", "-printf", "-lname", "-ilname", "-used", "-newermt",
    }
)  # fmt: skip
_WITH_PATH = frozenset({"-newer", "-anewer", "-cnewer", "-samefile"})
_RUNS = frozenset({"-ok", "-okdir"})
_WRITES = frozenset({"-fprint", "-fprint0", "-fprintf", "-fls"})


Question = Callable[[list[Word], Scope], None]


def question_find(words: list[Word], scope: Scope, question: Question) -> None:
    """Add what is wrong with this find to the findings, and say in the scope what it prints. `question` reads a command
    that it runs on each file. Raises NotUnderstood."""
    starts, tests = _split(words)
    for start in starts:
        scope.findings.paths[str(start)] = None
        scope.findings.add(scope.ground.question(start, scope.folders))
    names, runs = list[Word](), []
    queue = iter(tests)
    for word in queue:
        if word.text in _WITH_VALUE or word.text in _WITH_PATH:
            value = _value(word, queue)
            if word.text in ("-name", "-iname"):
                names.append(value)
            if word.text in _WITH_PATH:
                scope.findings.add(scope.ground.question(value, scope.folders))
        elif word.text in ("-exec", "-execdir"):
            runs.append(_inner_command(queue))
        elif word.text not in _ALONE:
            scope.findings.add(_concern(word, queue))
            return
    texts = {word.text for word in tests}
    plain = bool(names) and not texts & {"!", "-not", "-o", "-or", ","} and all(map(_is_plain, names))
    secret = any(may_mean_secret(Word(name.fitting).known) for name in names)
    kind = PLAIN_NAMES if plain else "" if secret else NAMES
    for inner in runs:
        question([Word(kind or UNKNOWN, "{}") if word.text == "{}" else word for word in inner], scope)
    scope.yields = "" if runs or texts & {"-ls", "-printf"} else kind


def _inner_command(queue: Iterator[Word]) -> list[Word]:
    inner: list[Word] = []
    for word in queue:
        if word.text == ";" or (word.text == "+" and inner and inner[-1].text == "{}"):
            return inner
        if not word.is_literal or ("{}" in word.text and (word.text != "{}" or not inner)):
            raise NotUnderstood(f"{show(f'find … -exec {word}')} is made of what is found")
        inner.append(word)
    raise NotUnderstood("`find … -exec` has no end")


def _split(words: list[Word]) -> tuple[list[Word], list[Word]]:
    first = 0
    while first < len(words) and words[first].text in _BEFORE:
        first += 1
    end = first
    while end < len(words) and not words[end].text.startswith(("-", "(", "!", ",")):
        if words[end].may_become_an_option or (words[end].may_become_several and not words[end].is_glob):
            raise NotUnderstood(f"{show(f'find {words[end]}')} may turn out to be a test or an action")
        end += 1
    return words[first:end], words[end:]


def _value(word: Word, queue: Iterator[Word]) -> Word:
    value = next(queue, None)
    if value is None or value.may_become_several:
        raise NotUnderstood(f"{show(f'find … {word} {value}')}: what stands there may become several words")
    return value


def _is_plain(name: Word) -> bool:
    """Whether a pattern leaves no secret open: `*.py` does not, `*` does."""
    return not name.may_hold_other_digits and name.text.strip("*?.") != "" and not may_mean_secret(name.text)


def _concern(word: Word, queue: Iterator[Word]) -> Concern:
    if word.text in _RUNS:
        program = next(queue, None)
        return Concern(f"{show(f'find … {word} {program}')} runs another program", Action.EXECUTE)
    if word.text == "-delete":
        return Concern("`find … -delete` deletes what it finds", Action.DESTROY)
    if word.text in _WRITES:
        return Concern(f"{show(f'find … {word}')} writes a file", Action.WRITE)
    return Concern(f"{show(f'find … {word}')}: this test or action is not known to be harmless")
