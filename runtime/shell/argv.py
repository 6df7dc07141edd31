"""The words of the one kind of command that needs no grammar: a program with literal words behind it."""

import re

# Possessive throughout: what was read is never given back, so that a long command costs one pass.
_PLAIN = r"[A-Za-z0-9_@%+=:,./-]++"
_QUOTED = r"'[\x20-\x26\x28-\x7e]*+'"
_DOUBLE = r'"[\x20\x23\x25-\x5b\x5d-\x5f\x61-\x7e]*+"'  # without ! " $ \ and `, which mean something in there
_PART = re.compile(rf"{_PLAIN}|{_QUOTED}|{_DOUBLE}", re.ASCII)
_WORD = re.compile(rf"(?:{_PART.pattern})++", re.ASCII)
_COMMAND = re.compile(rf" *+{_WORD.pattern}(?: ++{_WORD.pattern})*+ *+", re.ASCII)
_PROGRAM = re.compile(r"[A-Za-z0-9_./+-]+", re.ASCII)
_RESERVED = frozenset(
    ("if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "select", "function",
     "time", "coproc")
)  # fmt: skip


def argv_of(command: str) -> tuple[str, ...] | None:
    """The words that bash would hand to a program; None for whatever is not one simple command of literal words.

    Nothing is expanded, joined, redirected or assigned in what has words: what is not certain to be literal has none.
    """
    if not _COMMAND.fullmatch(command):
        return None
    words = tuple(_read(found[0]) for found in _WORD.finditer(command))
    first = words[0]
    if not _PROGRAM.fullmatch(first) or first in _RESERVED or first.startswith("-"):
        return None
    return words


def _read(word: str) -> str:
    return "".join(part[1:-1] if part[0] in "'\"" else part for part in _PART.findall(word))
