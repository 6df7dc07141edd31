"""Brace expansion: `{a,b}` and `{1..9}`."""

import re
from itertools import pairwise

from runtime.shell.concerns import NotUnderstood
from runtime.shell.words import CLOSE, COMMA, OPEN

_MOST = 100
_RANGE = re.compile(r"(-?\d{1,4}|[A-Za-z])\.\.(-?\d{1,4}|[A-Za-z])(\.\.-?\d{1,4})?\Z")


def unfold(text: str, *, quoted: bool) -> list[str]:
    """Every word that a word with marked braces becomes. Raises NotUnderstood where that is not certain."""
    if OPEN not in text and COMMA not in text and CLOSE not in text:
        return [text]
    return [each.replace(OPEN, "{").replace(COMMA, ",").replace(CLOSE, "}") for each in _unfold(text, quoted)]


def _unfold(text: str, quoted: bool) -> list[str]:
    start = text.find(OPEN)
    while start >= 0:
        end, commas = _look_for_end(text, start)
        parts = None if end < 0 else _cut(text, start, end, commas) if commas else _count(text[start + 1 : end], quoted)
        if parts is not None:
            words = [word for part in parts for word in _unfold(text[:start] + part + text[end + 1 :], quoted)]
            if len(words) > _MOST:
                raise NotUnderstood("its braces become too many words")
            return words
        start = text.find(OPEN, start + 1)
    return [text]


def _look_for_end(text: str, start: int) -> tuple[int, list[int]]:
    depth, commas = 0, []
    for index in range(start, len(text)):
        character = text[index]
        if character == OPEN:
            depth += 1
        elif character == COMMA and depth == 1:
            commas.append(index)
        elif character == CLOSE:
            depth -= 1
            if depth == 0:
                return index, commas
    return -1, commas


def _cut(text: str, start: int, end: int, commas: list[int]) -> list[str]:
    edges = [start, *commas, end]
    return [text[left + 1 : right] for left, right in pairwise(edges)]


def _count(inner: str, quoted: bool) -> list[str] | None:
    if ".." not in inner:
        return None
    found = _RANGE.match(inner)
    if not found or quoted or found[3]:
        raise NotUnderstood("its braces count in a way that is not read here")
    first, last = found[1], found[2]
    if first.isalpha() != last.isalpha():
        return None
    begin, end = (ord(first), ord(last)) if first.isalpha() else (int(first), int(last))
    if abs(end - begin) >= _MOST:
        raise NotUnderstood("its braces become too many words")
    step = 1 if end >= begin else -1
    width = max(len(first), len(last)) if first.startswith("0") or last.startswith("0") else 0
    return [chr(each) if first.isalpha() else str(each).zfill(width) for each in range(begin, end + step, step)]
