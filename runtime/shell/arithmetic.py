"""Arithmetic: bash evaluates what a variable holds as arithmetic again, and that can run a command."""

import re
from collections.abc import Iterator

from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.grammar import Node
from runtime.shell.scope import Scope

_TOKEN = re.compile(r"\s+|\d+|\$?([A-Za-z_]\w*)|\$\{#?([A-Za-z_]\w*)\}|[-+*/%<>=!&|^~?:,()]")
_NUMBER = re.compile(r"-?\d+\Z")
_MAY_COUNT = frozenset({"arithmetic_expansion", "test_command", "compound_statement", "c_style_for_statement"})
_SETTING = re.compile(r"([A-Za-z_]\w*)\s*(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)\s*([A-Za-z_]\w*)")


def question_arithmetic(written: str, scope: Scope) -> None:
    """Raises NotUnderstood where anything but numbers can come to be evaluated."""
    text = written.strip()
    for start, end in (("$((", "))"), ("((", "))")):
        if text.startswith(start) and text.endswith(end):
            text = text[len(start) : -len(end)]
            break
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise NotUnderstood(f"the arithmetic in {show(written)} is not read here")
        name = token[1] or token[2]
        if name and not _is_number(name, scope):
            raise NotUnderstood(f"{show(name)} in {show(written)} may be more than a number")
        at = token.end()


def set_by_arithmetic(root: Node) -> Iterator[str]:
    """Every variable that arithmetic anywhere below sets to a number: some more are no harm."""
    pending = [root]
    while pending:
        each = pending.pop()
        pending += each.children
        if each.type in _MAY_COUNT:
            body = each.child_by_field_name("body")
            head = (each.text or b"")[: body.start_byte - each.start_byte if body else None]
            if b"((" in head[:8]:
                yield from set_in(head.decode("utf-8", "replace"))


def set_in(written: str) -> Iterator[str]:
    """The variables that this arithmetic sets."""
    return (found[1] or found[2] for found in _SETTING.finditer(written))


def _is_number(name: str, scope: Scope) -> bool:
    values = scope.values_of(name)
    return values is not None and all(_NUMBER.match(value) for value in values)
