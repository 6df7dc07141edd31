"""Loops and branches. What a loop assigns may be what the next turn begins with, so that is forgotten before it is read."""

from collections.abc import Callable, Iterator

from runtime.shell.arithmetic import question_arithmetic
from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.expanding import expand
from runtime.shell.grammar import Node, text_of
from runtime.shell.scope import Scope
from runtime.shell.substitution import substitutes_in
from runtime.shell.surroundings import question_own
from runtime.shell.words import DIGITS, SPREAD, UNKNOWN

WalkAll = Callable[[list[Node], Scope], None]

_SYNTAX = frozenset(
    [
        ";",
        "\n",
        "do",
        "done",
        "then",
        "fi",
        "if",
        "elif",
        "else",
        "while",
        "until",
        "for",
        "in",
        "case",
        "esac",
        ";;",
        ";&",
        ";;&",
        "(",
        ")",
        "|",
        "comment",
    ]
) | {"\n"}


def read_for(node: Node, scope: Scope, walk_all: WalkAll) -> None:
    if node.children[0].type != "for":
        raise NotUnderstood("`select` asks a person at the terminal")
    variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
    if variable is None or body is None:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of loop that is not read here")
    name = text_of(variable)
    scope.findings.add(question_own(name))
    values = [
        word
        for value in node.children_by_field_name("value")
        for words in expand(value, substitutes_in(scope))
        for word in words
    ]
    for word in values:
        if word.is_glob:
            scope.findings.add(scope.ground.question(word, scope.folders))
    inner = _begin(body, scope)
    began = {**inner.variables, name: (UNKNOWN,)}  # each turn sets it anew
    inner.assign(name, tuple(word.text.replace(SPREAD, UNKNOWN) for word in values) or ("",))
    _loop(body, inner, scope, walk_all, began)


def read_counting_loop(node: Node, scope: Scope, walk_all: WalkAll) -> None:
    body = node.child_by_field_name("body")
    if body is None:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of loop that is not read here")
    head = text_of(node)[3 : body.start_byte - node.start_byte].strip().rstrip(";").strip()
    if not (head.startswith("((") and head.endswith("))")):
        raise NotUnderstood(f"{show(head)} is a kind of loop that is not read here")
    parts = head[2:-2].split(";")
    before = scope.fork()
    name = parts[0].partition("=")[0].strip()
    if name.isidentifier():
        scope.findings.add(question_own(name))
        before.assign(name, (DIGITS,))
    inner = _begin(body, before)
    for part in parts:
        question_arithmetic(part, inner)
    _loop(body, inner, scope, walk_all, dict(inner.variables))


def read_while(node: Node, scope: Scope, walk_all: WalkAll) -> None:
    body = node.child_by_field_name("body")
    if body is None:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of loop that is not read here")
    inner = _begin(node, scope)
    began = dict(inner.variables)
    walk_all([child for child in node.children if child.id != body.id and child.type not in _SYNTAX], inner)
    _loop(body, inner, scope, walk_all, began)


def read_if(node: Node, scope: Scope, walk_all: WalkAll) -> None:
    """Conditions and branches alike may have run, or not."""
    branches = [child for child in node.children if child.type in ("elif_clause", "else_clause")]
    _maybe(_statements(node, branches), scope, walk_all)
    for branch in branches:
        _maybe(_statements(branch, []), scope, walk_all)
    scope.yields = ""


def read_case(node: Node, scope: Scope, walk_all: WalkAll) -> None:
    value = node.child_by_field_name("value")
    if value is None:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of choice that is not read here")
    expand(value, substitutes_in(scope))
    for item in node.children:
        if item.type != "case_item":
            continue
        patterns = item.children_by_field_name("value")
        for pattern in patterns:
            if "$" in text_of(pattern) or "`" in text_of(pattern):
                raise NotUnderstood(f"{show(text_of(pattern))} is a kind of pattern that is not read here")
        taken = {pattern.id for pattern in patterns}
        _maybe(
            [child for child in item.children if child.id not in taken and child.type not in _SYNTAX], scope, walk_all
        )
    scope.yields = ""


def _statements(node: Node, without: list[Node]) -> list[Node]:
    left_out = {each.id for each in without}
    return [child for child in node.children if child.id not in left_out and child.type not in _SYNTAX]


def _maybe(statements: list[Node], scope: Scope, walk_all: WalkAll) -> None:
    inner = scope.fork()
    walk_all(statements, inner)
    scope.merge(inner)


def _begin(body: Node, scope: Scope) -> Scope:
    inner = scope.fork()
    inner.in_loop = True
    for name, is_number in _assigned_in(body):
        inner.assign(name, (DIGITS if is_number else UNKNOWN,), also=True)
    return inner


def _loop(body: Node, inner: Scope, scope: Scope, walk_all: WalkAll, began: dict[str, tuple[str, ...]]) -> None:
    walk_all([child for child in body.children if child.type not in _SYNTAX and child.type not in ("{", "}")], inner)
    scope.merge(inner)
    scope.yields = ""
    for name, values in inner.variables.items():
        if not all(_was_expected(value, began.get(name, ())) for value in values):
            raise NotUnderstood(f"what {show('$' + name)} holds in the next turn of the loop is not known")


def _was_expected(value: str, at_first: tuple[str, ...]) -> bool:
    return value in at_first or UNKNOWN in at_first or (DIGITS in at_first and value.isdecimal())


def _assigned_in(node: Node) -> Iterator[tuple[str, bool]]:
    """Every variable that is assigned anywhere below, and whether it is certain to stay a number."""
    pending = [node]
    while pending:
        each = pending.pop()
        pending += each.children
        if each.type == "variable_assignment":
            name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
            if name is not None:
                yield text_of(name), value is not None and value.type in ("number", "arithmetic_expansion")
        elif each.type == "for_statement" and (name := each.child_by_field_name("variable")) is not None:
            yield text_of(name), False
        elif each.type == "command" and text_of(each.children[0]) in ("read", "IFS="):
            yield from ((text_of(child), False) for child in each.children if text_of(child).isidentifier())
