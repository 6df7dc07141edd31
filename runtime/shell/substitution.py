"""What variables and substitutions become."""

import re

from runtime.records import Risk
from runtime.shell.arithmetic import question_arithmetic
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.expanding import Substitute, spread
from runtime.shell.grammar import Node, text_of
from runtime.shell.scope import Scope
from runtime.shell.verdicts import Action
from runtime.shell.words import DIGITS, NOTHING, PIPE, SPREAD, UNKNOWN, Word, is_known

MOST_DEPTH = 16
_SIMPLE = re.compile(r"\$([A-Za-z_]\w*|[0-9?#$@*])\Z|\$\{([A-Za-z_]\w*|[0-9?#@*])\}\Z")
_LENGTH = re.compile(r"\$\{#([A-Za-z_]\w*)\}\Z")
_CUT = re.compile(r"\$\{([A-Za-z_]\w*)(?:%%?|##?|//?[#%]?|\^\^?|,,?)[^$`\\{}'\"()]*\}\Z")
# From here to there: bash calculates what stands there, so nothing but numbers may.
_PART = re.compile(r"\$\{([A-Za-z_]\w*):(?:[0-9]+| +-?[0-9]+)(?:: *-?[0-9]+)?\}\Z")
_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*|\d):?-([\w./,:@%+ -]*)\}\Z")
_MAY_HOLD_SECRETS = re.compile(r"KEY|TOKEN|SECRET|PASS|CRED|AUTH|DATABASE|DSN|PRIVATE", re.IGNORECASE)


def substitutes_in(scope: Scope) -> Substitute:
    """What each kind of substitution may become here. What is wrong with one is added to the findings."""

    def substitute(node: Node, quoted: bool) -> tuple[Word, ...]:
        written = text_of(node).lstrip()
        match node.type:
            case "simple_expansion" | "expansion":
                found = _SIMPLE.match(written)
                name = (found[1] or found[2]) if found else ""
                texts = _variable(written, quoted, scope)
                if name == "PWD" and name not in scope.variables:  # to the last digit
                    return tuple(map(Word, texts))
                of_its_own = name in scope.variables
                return tuple(Word(text, "" if of_its_own and is_known(text) else written) for text in texts)
            case "arithmetic_expansion":
                question_arithmetic(written, scope)
                return (Word(DIGITS, written),)
            case "command_substitution":
                return (Word(_command(node, quoted, scope), written),)
            case _:
                return (Word(_process(node, quoted, scope), written),)

    return substitute


def _variable(written: str, quoted: bool, scope: Scope) -> tuple[str, ...]:
    if found := _SIMPLE.match(written):
        return _in_place(_values(found[1] or found[2], scope), quoted)
    if found := _LENGTH.match(written):
        _values(found[1], scope)
        return (DIGITS,)
    if found := _DEFAULT.match(written):
        known = scope.values_of(found[1])
        return _in_place((*(known or ()), found[2]), quoted)
    if found := _CUT.match(written) or _PART.match(written):
        _values(found[1], scope)
        return (UNKNOWN if quoted else SPREAD,)
    raise NotUnderstood(f"{show(written)} is a kind of expansion that is not read here")


def _values(name: str, scope: Scope) -> tuple[str, ...]:
    values = scope.values_of(name)
    if values is not None:
        return values
    if _MAY_HOLD_SECRETS.search(name):
        scope.findings.add(Concern(f"the variable {show('$' + name)} may hold a secret", Action.SECRETS, Risk.CRITICAL))
    else:
        scope.findings.add(Concern(f"what the variable {show('$' + name)} holds is not known"))
    return (UNKNOWN,)


def _in_place(values: tuple[str, ...], quoted: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(NOTHING + value if quoted else spread(value) for value in values))


def _command(node: Node, quoted: bool, scope: Scope) -> str:
    """`$(…)`: read like any other command; what it prints is known in kind at most."""
    if scope.depth >= MOST_DEPTH:
        raise NotUnderstood("substitutions are nested too deeply")
    inner = scope.fork()
    inner.stdin = ""
    statements = [child for child in node.children if child.is_named]
    if not statements or not text_of(node).lstrip().startswith(("$(", "`")) or "\\`" in text_of(node):
        raise NotUnderstood(f"{show(text_of(node))} is a kind of substitution that is not read here")
    for child in statements:
        inner.yields = ""
        inner.walk(child, inner)
    yields = inner.yields if len(statements) == 1 else ""
    if yields == DIGITS or (yields and not quoted):
        return yields
    return UNKNOWN if quoted else SPREAD


def _process(node: Node, quoted: bool, scope: Scope) -> str:
    if quoted or not text_of(node).startswith("<("):
        raise NotUnderstood(f"{show(text_of(node))} hands what is written to a command")
    inner = scope.fork()
    inner.stdin = ""
    for child in node.children:
        if child.is_named:
            inner.walk(child, inner)
    return PIPE
