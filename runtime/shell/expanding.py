"""From a node of the tree to the words that bash would make of it.

The grammar says where substitutions stand; quotes, escapes, braces and globs are read here, character by character, so
that two readers have to agree: what the grammar took for one word and this does not raises NotUnderstood.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product

from runtime.shell.braces import unfold
from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.escapes import read_ansi_c
from runtime.shell.grammar import Node, text_of
from runtime.shell.words import CLOSE, COMMA, HOME, NOTHING, ONE, OPEN, SET, SPLIT, SPREAD, STAR, UNKNOWN, Word

# Says what a substitution or a variable may become: everything it may be, inside quotes or outside them.
Substitute = Callable[[Node, bool], tuple[Word, ...]]
Alternatives = list[list[Word]]

_MOST_ALTERNATIVES = 48
_PLAIN = re.compile(rb"[A-Za-z0-9_./:=@%+^-]+\Z")
_SUBSTITUTIONS = frozenset(
    {"simple_expansion", "expansion", "command_substitution", "process_substitution", "arithmetic_expansion"}
)
_SPECIAL = {"*": STAR, "?": ONE, "[": SET, "{": OPEN, "}": CLOSE, ",": COMMA}
_BREAKS = frozenset(" \t\n;&|<>()")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
_BEGINS_SUBSTITUTION = frozenset("({[?!#@*$-") | _NAME
_ESCAPABLE = frozenset('$`"\\\n')


def expand(node: Node, substitute: Substitute) -> Alternatives:
    """Every list of words that this one node may become. Raises NotUnderstood."""
    if _PLAIN.match(node.text or b""):
        return [[Word(text_of(node))]]
    pieces = list(_pieces(node, substitute))
    count = 1
    for piece in pieces:
        count *= len(piece)
    if count > _MOST_ALTERNATIVES:
        raise NotUnderstood(f"{show(text_of(node))} can become too many different things")
    after = node.next_sibling
    if text_of(node).endswith("$") and after is not None and after.is_named and after.start_byte == node.end_byte:
        raise NotUnderstood(f"{show(text_of(node) + text_of(after))} is a kind of expansion that is not read here")
    quoted = any(character in "'\"\\" for character in text_of(node))
    alternatives: Alternatives = []
    for choice in product(*pieces):
        words = _join(choice, text_of(node), quoted=quoted)
        if words not in alternatives:
            alternatives.append(words)
    return alternatives


def combine(choices: list[Alternatives]) -> Alternatives:
    """Every command line that a row of nodes may become. Raises NotUnderstood where these are too many."""
    count = 1
    for each in choices:
        count *= len(each)
    if count > _MOST_ALTERNATIVES:
        raise NotUnderstood("it can become too many different command lines")
    return [[word for words in choice for word in words] for choice in product(*choices)]


def spread(value: str) -> str:
    """What an unquoted variable with this value becomes: split at white space, with its patterns active."""
    active = value.replace("*", STAR).replace("?", ONE).replace("[", SET).replace(UNKNOWN, SPREAD)
    return SPLIT.join(re.split(r"[ \t\n]+", active))


def _join(pieces: tuple[Word, ...], source: str, *, quoted: bool) -> list[Word]:
    texts = _fields("".join(piece.text for piece in pieces), quoted)
    stand_ins = [piece for piece in pieces if piece.written]
    if not stand_ins:
        return [Word(text) for text in texts]
    if any(piece.text == "" or SPLIT in piece.text for piece in stand_ins):  # one became several words, or none
        written = [source] * len(texts)
    else:
        written = _fields("".join(piece.written or piece.text for piece in pieces), quoted)
    return [Word(text, as_written) for text, as_written in zip(texts, written, strict=True)]


def _fields(text: str, quoted: bool) -> list[str]:
    return [
        field.replace(NOTHING, "")
        for unfolded in unfold(text, quoted=quoted)
        for field in unfolded.split(SPLIT)
        if field != ""
    ]


def _pieces(node: Node, substitute: Substitute) -> Iterator[tuple[Word, ...]]:
    source, raw, offset = text_of(node), node.text or b"", node.start_byte
    # The grammar counts white space before a substitution in quotes as a part of it; bash does not.
    inner = {child.end_byte - offset - len((child.text or b"").lstrip()): child for child in _find_substitutions(node)}
    index, quotes = 0, False
    if source.startswith("~"):
        yield (Word(HOME),)
        index = 1
    while index < len(raw):
        character = chr(raw[index])
        if child := inner.get(index):
            yield substitute(child, quotes)
            index = child.end_byte - offset
        elif quotes and character != '"':
            index, piece = _read_in_double_quotes(raw, index, source)
            yield (Word(piece),)
        elif character == '"':
            quotes, index = not quotes, index + 1
            yield (Word(NOTHING),)
        elif character == "'":
            end = raw.find(b"'", index + 1)
            if end < 0:
                raise NotUnderstood(f"{show(source)} has a quote without an end")
            yield (Word(NOTHING + raw[index + 1 : end].decode("utf-8", "replace")),)
            index = end + 1
        elif raw.startswith(b"$'", index):
            index, piece = read_ansi_c(raw, index + 2)
            yield (Word(NOTHING + piece),)
        else:
            index, piece = _read_bare(raw, index, source)
            yield (Word(piece),)
    if quotes:
        raise NotUnderstood(f"{show(source)} has a quote without an end")


def _find_substitutions(node: Node) -> Iterator[Node]:
    if node.type in _SUBSTITUTIONS:
        yield node
        return
    for child in node.children:
        yield from _find_substitutions(child)


def _read_in_double_quotes(raw: bytes, index: int, source: str) -> tuple[int, str]:
    character = chr(raw[index])
    if character == "\\":
        following = chr(raw[index + 1]) if index + 1 < len(raw) else ""
        if following in _ESCAPABLE and following:
            return index + 2, following
    elif character == "`" or (
        character == "$" and raw[index + 1 : index + 2].decode("latin-1") in _BEGINS_SUBSTITUTION
    ):
        raise NotUnderstood(f"{show(source)} holds a substitution that cannot be read")
    end = index + 1  # the first one is plain, whatever it is
    while end < len(raw) and raw[end] not in b'"\\`$':
        end += 1
    return end, raw[index:end].decode("utf-8", "replace")


def _read_bare(raw: bytes, index: int, source: str) -> tuple[int, str]:
    character, following = chr(raw[index]), raw[index + 1 : index + 2].decode("latin-1")
    if character == "\\":
        if not following or not " " <= following <= "~":
            raise NotUnderstood(f"{show(source)} ends in a backslash, or escapes something odd")
        return index + 2, NOTHING + following
    if raw[index] > 0x7E:
        raise NotUnderstood(f"{show(source)} holds a letter outside quotes that can look like another")
    if character in _BREAKS:
        raise NotUnderstood(f"{show(source)} holds {show(character)} outside quotes")
    if character == "`" or (character == "$" and (following in _BEGINS_SUBSTITUTION or following == '"')):
        raise NotUnderstood(f"{show(source)} holds a substitution that cannot be read")
    return index + 1, _SPECIAL.get(character, character)
