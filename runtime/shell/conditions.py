"""`test`, `[ … ]` and `[[ … ]]`."""

import re

from runtime.shell.arithmetic import question_arithmetic, set_in
from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.expanding import expand
from runtime.shell.grammar import Node, text_of
from runtime.shell.scope import Scope
from runtime.shell.substitution import substitutes_in
from runtime.shell.words import Word

_OF_FILES = frozenset(
    [
        "-e",
        "-f",
        "-d",
        "-r",
        "-w",
        "-x",
        "-s",
        "-L",
        "-h",
        "-S",
        "-p",
        "-b",
        "-c",
        "-g",
        "-u",
        "-k",
        "-O",
        "-G",
        "-N",
        "-a",
    ]
)
_OF_TEXT = frozenset({"-z", "-n", "-t"})
_BETWEEN = frozenset({"=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"})
_BETWEEN_FILES = frozenset({"-nt", "-ot", "-ef"})
_ARITHMETIC = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_NUMBER = re.compile(r"-?\d+\Z")


def question_test(name: str, words: list[Word], scope: Scope) -> None:
    """`test` and `[`, whose words bash has expanded already. Raises NotUnderstood for what is not plain."""
    if name == "[":
        if not words or words[-1].text != "]":
            raise NotUnderstood("`[` lacks its end")
        words = words[:-1]
    words = words[1:] if words and words[0].text == "!" else words
    if any(word.may_become_several for word in words):
        raise NotUnderstood(f"a word in {show(name + ' ' + ' '.join(map(str, words)))} may become several")
    match words:
        case [] | [_]:
            pass
        case [operator, operand] if operator.text in _OF_FILES:
            scope.findings.add(scope.ground.question(operand, scope.folders, existence=True))
        case [operator, _] if operator.text in _OF_TEXT:
            pass
        case [left, operator, right] if operator.text in _BETWEEN:
            if operator.text in _BETWEEN_FILES:
                for word in (left, right):
                    scope.findings.add(scope.ground.question(word, scope.folders, existence=True))
        case _:
            _question_joined(name, words, scope)


def _question_joined(name: str, words: list[Word], scope: Scope) -> None:
    """Tests joined by -a and -o: only where every word is known, since an unknown one could be an operator."""
    joints = [index for index, word in enumerate(words) if word.text in ("-a", "-o") and index > 1]
    if not joints or not all(word.is_literal for word in words):
        raise NotUnderstood(f"{show(name + ' ' + ' '.join(map(str, words)))} is a kind of test that is not read here")
    question_test("test", words[: joints[0]], scope)
    question_test("test", words[joints[0] + 1 :], scope)


def question_condition(node: Node, scope: Scope) -> None:
    """A `[[ … ]]`, a `[ … ]` or a part of it, as the grammar has it. Raises NotUnderstood."""
    double = text_of(node).startswith("[[")
    for child in node.children:
        if child.is_named:
            _question_expression(child, scope, double)


def _question_expression(node: Node, scope: Scope, double: bool) -> None:
    match node.type:
        case "unary_expression":
            _question_unary(node, scope, double)
        case "binary_expression":
            _question_binary(node, scope, double)
        case "parenthesized_expression" if double:
            for child in node.children:
                if child.is_named:
                    _question_expression(child, scope, double)
        case _:
            _word(node, scope, double)


def _question_unary(node: Node, scope: Scope, double: bool) -> None:
    operator, operand = text_of(node.children[0]), node.children[-1]
    if operator == "!":
        _question_expression(operand, scope, double)
    elif operator in _OF_FILES and len(node.children) == 2:
        for word in _word(operand, scope, double):
            scope.findings.add(scope.ground.question(word, scope.folders, existence=True))
    elif operator in _OF_TEXT and len(node.children) == 2:
        _word(operand, scope, double)
    else:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of test that is not read here")


def _question_binary(node: Node, scope: Scope, double: bool) -> None:
    if len(node.children) != 3:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of test that is not read here")
    left, middle, right = node.children
    operator = text_of(middle)
    if double and operator in ("&&", "||"):
        _question_expression(left, scope, double)
        _question_expression(right, scope, double)
    elif operator in ("==", "=", "!=") or (double and operator in ("=~", "<", ">")):
        _word(left, scope, double)
        _pattern(right, scope, double)
    elif operator in _ARITHMETIC:
        for word in (*_word(left, scope, double), *_word(right, scope, double)):
            if double and not _NUMBER.match(word.text):
                question_arithmetic(word.text, scope)
                if any(set_in(word.text)):
                    raise NotUnderstood(f"{show(text_of(node))} sets a variable in a test")
    elif operator in _BETWEEN_FILES:
        for word in (*_word(left, scope, double), *_word(right, scope, double)):
            scope.findings.add(scope.ground.question(word, scope.folders, existence=True))
    else:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of test that is not read here")


def _word(node: Node, scope: Scope, double: bool) -> list[Word]:
    """Every word that an operand may be: one at a time, for in `[` another would be read as an operator."""
    found = []
    for words in expand(node, substitutes_in(scope)):
        if not double and (len(words) != 1 or words[0].may_become_several):
            raise NotUnderstood(f"{show(text_of(node))} may become several words of a test")
        found += words
    return found


def _pattern(node: Node, scope: Scope, double: bool) -> None:
    """A pattern to compare with: only what is substituted in it matters."""
    if not double:
        _word(node, scope, double)
        return
    substitute = substitutes_in(scope)
    pending, outer = [node], text_of(node)
    while pending:
        each = pending.pop()
        if each.type in ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"):
            substitute(each, True)
            outer = outer.replace(text_of(each), "")
        elif each.type == "process_substitution":
            raise NotUnderstood(f"{show(outer)} is a kind of test that is not read here")
        else:
            pending += each.children
    if "`" in outer or "$(" in outer or "${" in outer:
        raise NotUnderstood(f"{show(outer)} is a kind of test that is not read here")
