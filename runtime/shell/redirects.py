"""Redirections: what is read from where, and written to where."""

import re

from runtime.records import Risk
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.expanding import Alternatives, expand
from runtime.shell.grammar import Node, text_of
from runtime.shell.scope import Scope
from runtime.shell.substitution import substitutes_in
from runtime.shell.verdicts import Action
from runtime.shell.words import Word

_READS = frozenset({"<"})
_WRITES = frozenset({">", ">>", "&>", "&>>", ">|"})
_COPIES = frozenset({"<&", ">&"})
_NOWHERE = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr"})
_IN_HEREDOC = frozenset({"heredoc_start", "heredoc_end", "<<", "<<-", "\n"})
_SUBSTITUTES = re.compile(r"\$[({\[A-Za-z_0-9?#@*!$-]")
REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})


def question_redirect(node: Node, scope: Scope) -> list[Alternatives]:
    """Add what is wrong with a redirection. Gives back the arguments of the command that the grammar took for a part of
    it, as in `ls >out -l`. Raises NotUnderstood."""
    if node.type == "file_redirect":
        return _question_file(node, scope)
    if node.type == "herestring_redirect":
        for child in node.children:
            if child.type != "<<<":
                expand(child, substitutes_in(scope))
        return []
    return _question_heredoc(node, scope)


def _question_file(node: Node, scope: Scope) -> list[Alternatives]:
    children = [child for child in node.children if child.type != "file_descriptor"]
    operator, destinations = children[0].type, children[1:]
    if operator in ("<&-", ">&-"):
        return [expand(child, substitutes_in(scope)) for child in destinations]
    if not destinations:
        raise NotUnderstood(f"{show(text_of(node))} lacks where it leads")
    words = [word for row in expand(destinations[0], substitutes_in(scope)) for word in row]
    for word in words:
        _question_target(operator, word, scope, text_of(node))
    return [expand(child, substitutes_in(scope)) for child in destinations[1:]]


def _question_target(operator: str, word: Word, scope: Scope, written: str) -> None:
    if operator in _COPIES and (word.text.rstrip("-").isdecimal() or word.text == "-"):
        return
    if operator in _READS:
        scope.findings.paths[str(word)] = None
        scope.findings.add(scope.ground.question(word, scope.folders))
    elif operator in _WRITES or operator == ">&":
        question_written(word, scope, written)
    else:
        raise NotUnderstood(f"{show(written)} is a kind of redirection that is not read here")


def question_written(word: Word, scope: Scope, written: str) -> None:
    """Add what is wrong with writing there: nothing where it is thrown away."""
    if word.text in _NOWHERE:
        return
    scope.findings.paths[str(word)] = None
    if word.text.startswith(("/dev/tcp/", "/dev/udp/")):
        scope.findings.add(Concern(f"{show(written)} is a network connection", Action.NETWORK, needs_network=True))
        return
    risk = Risk.MEDIUM if scope.ground.holds(word, scope.folders) else Risk.HIGH
    scope.findings.add(Concern(f"{show(written)} writes to a file", Action.WRITE, risk))


def _question_heredoc(node: Node, scope: Scope) -> list[Alternatives]:
    more: list[Alternatives] = []
    is_quoted = any(child.type == "heredoc_start" and set(text_of(child)) & set("'\"\\") for child in node.children)
    for child in node.children:
        if child.type == "heredoc_body":
            _question_body(child, scope, is_quoted=is_quoted)
        elif child.type in REDIRECTS:
            more += question_redirect(child, scope)
        elif child.type == "pipeline":
            scope.yields = ""
            inner = scope.fork()
            inner.walk(child, inner)
        elif child.type not in _IN_HEREDOC:
            raise NotUnderstood(f"{show(text_of(child))} stands where it is not read: on the line that begins a text")
    return more


def _question_body(node: Node, scope: Scope, *, is_quoted: bool) -> None:
    """What bash substitutes in a text: all that the grammar shows, and where that shows less, the text is not read."""
    if is_quoted:
        return
    substitute = substitutes_in(scope)
    plain = text_of(node)
    for child in node.children:
        if child.type != "heredoc_content":
            plain = plain.replace(text_of(child), "", 1)
    if "`" in plain or _SUBSTITUTES.search(plain):
        raise NotUnderstood("a text holds a substitution that cannot be read")
    for child in node.children:
        if child.type in ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"):
            substitute(child, True)
        elif child.type != "heredoc_content":
            raise NotUnderstood(f"{show(text_of(child))} stands in a text where it is not read")
