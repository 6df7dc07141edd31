"""Arithmetic: bash evaluates what a variable holds as arithmetic again, and that can run a command."""

import re

from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.scope import Scope

_TOKEN = re.compile(r"\s+|\d+|\$?([A-Za-z_]\w*)|\$\{#?([A-Za-z_]\w*)\}|[-+*/%<>=!&|^~?:,()]")
_NUMBER = re.compile(r"-?\d+\Z")


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


def _is_number(name: str, scope: Scope) -> bool:
    values = scope.values_of(name)
    return values is not None and all(_NUMBER.match(value) for value in values)
