"""Administrators' rules: patterns over the words of a command, not over its text.

`npm test` is these two words and no more; `npm run *` has one word more, whatever it is; `make **` has any number more.
A `*` within a word stands for any part of it. The first word is a program's name, without a folder.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from fnmatch import translate

from msgspec import Struct

_NAME = re.compile(r"[A-Za-z0-9._+\[:-]+(?<!\*)\Z")


class CommandPattern(Struct, frozen=True):
    """One pattern, as it was written and as it is compared."""

    written: str
    words: tuple[str, ...]
    open_ended: bool

    def fits(self, argv: Sequence[str]) -> bool:
        """Whether these words are what the pattern says. The program may be named with its folder in /bin or /usr/bin."""
        if len(argv) < len(self.words) or (len(argv) > len(self.words) and not self.open_ended):
            return False
        first = argv[0].rsplit("/", 1)[-1] if argv[0].startswith(("/bin/", "/usr/bin/")) else argv[0]
        return all(_fits(pattern, word) for pattern, word in zip(self.words, (first, *argv[1:]), strict=False))


class CommandRules(Struct, frozen=True):
    """What administrators decided: a denial wins over an allowance, and neither lifts a block."""

    allow: tuple[CommandPattern, ...] = ()
    deny: tuple[CommandPattern, ...] = ()

    def find_denial(self, argv: Sequence[str]) -> str:
        return next((each.written for each in self.deny if each.fits(argv)), "")

    def find_allowance(self, argv: Sequence[str]) -> str:
        return next((each.written for each in self.allow if each.fits(argv)), "")


NO_RULES = CommandRules()


def read_rules(allow: Iterable[str], deny: Iterable[str]) -> CommandRules:
    """Raises ValueError that names the pattern at fault and what is wrong with it."""
    return CommandRules(tuple(map(read_pattern, allow)), tuple(map(read_pattern, deny)))


def read_pattern(written: str) -> CommandPattern:
    """Raises ValueError that says what is wrong with the pattern."""
    try:
        words = shlex.split(written)
    except ValueError as error:
        raise ValueError(f"{written!r} cannot be read: {str(error).lower()}") from None
    open_ended = words[-1:] == ["**"]
    words = words[:-1] if open_ended else words
    if not words:
        raise ValueError(f"{written!r} names no program; begin with one, as in `npm run *`")
    if not _NAME.match(words[0]):
        raise ValueError(
            f"{written!r} begins with {words[0]!r}; begin with a program's plain name, without a folder and without *"
        )
    if "**" in words:
        raise ValueError(f"{written!r} holds ** in the middle; it can only stand at the end")
    if odd := next((word for word in words if word in ("|", "||", "&&", ";", "&", ">", ">>", "<")), None):
        raise ValueError(f"{written!r} holds {odd!r}; a pattern is one command, not a line of the shell")
    return CommandPattern(written, tuple(words), open_ended)


def _fits(pattern: str, word: str) -> bool:
    if "*" not in pattern:
        return pattern == word
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    return re.match(translate(literal), word) is not None
