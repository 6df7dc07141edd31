"""A simple command in the tree: its words, the variables before it, its redirections."""

import re

from runtime.shell.commands import question_command
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.expanding import Alternatives, combine, expand
from runtime.shell.grammar import Node, text_of
from runtime.shell.redirects import REDIRECTS, question_redirect
from runtime.shell.scope import Scope
from runtime.shell.substitution import substitutes_in
from runtime.shell.surroundings import question_own, question_prefix
from runtime.shell.words import NAMES, PLAIN_NAMES, SPREAD, UNKNOWN

_WRITTEN_PLAINLY = re.compile(r"(?:/usr)?(?:/bin/)?[A-Za-z0-9._+-]+\Z|[\[:]\Z")


def read_command(node: Node, scope: Scope, more: list[Alternatives] | None = None) -> None:
    """Read a `command`; `more` are arguments that stand behind a redirection. Raises NotUnderstood."""
    prefixes, choices = [], []
    name = ""
    for child in node.children:
        if child.type == "variable_assignment":
            prefixes.append(child)
        elif child.type in REDIRECTS:
            choices += question_redirect(child, scope)
        elif child.type == "command_name":
            name = text_of(child)
            choices.append(expand(child, substitutes_in(scope)))
        elif child.is_named or child.type not in ("$",):
            choices.append(expand(child, substitutes_in(scope)))
        else:
            raise NotUnderstood(f"{show(text_of(node))} holds {show(text_of(child))} where it is not read")
    for prefix in prefixes:
        _question_prefix(prefix, name, scope)
    if not _WRITTEN_PLAINLY.match(name):
        scope.findings.add(Concern(f"{show(name)}: the name of the program is not written plainly"))
    lines = combine([*choices, *(more or [])])
    before = scope.fork() if len(lines) > 1 else scope
    for index, words in enumerate(lines):
        turn = scope if index == 0 else before.fork()
        turn.depth = scope.depth
        question_command(words, turn)
        if index:
            scope.merge(turn)
            scope.yields = scope.yields if scope.yields == turn.yields else ""


def read_assignment(node: Node, scope: Scope, *, also: bool = False) -> None:
    """A variable that the command sets for itself. Raises NotUnderstood."""
    name, values = _split(node, scope)
    scope.findings.add(question_own(name))
    scope.assign(name, values, also=also)
    scope.yields = ""


def _question_prefix(node: Node, command: str, scope: Scope) -> None:
    name, values = _split(node, scope)
    if name == "IFS" and command == "read":
        return
    for value in values:
        scope.findings.add(question_prefix(name, value, text_of(node)))


def _split(node: Node, scope: Scope) -> tuple[str, tuple[str, ...]]:
    written = text_of(node)
    name = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if name is None or name.type != "variable_name" or f"{text_of(name)}=" != written[: len(text_of(name)) + 1]:
        raise NotUnderstood(f"{show(written)} is a kind of assignment that is not read here")
    if value is None:
        return text_of(name), ("",)
    if value.type == "array":
        raise NotUnderstood(f"{show(written)} is a kind of assignment that is not read here")
    # An assignment is neither split nor expanded to names: what would have been spread out stays one text.
    joined = {
        "".join(word.text for word in words) if len(words) < 2 else UNKNOWN
        for words in expand(value, substitutes_in(scope))
    }
    return text_of(name), tuple(
        text.replace(SPREAD, UNKNOWN) if text not in (NAMES, PLAIN_NAMES) else text for text in joined
    )
