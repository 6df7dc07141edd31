"""A word of a command, as bash would hand it to a program, with marks where that is not known before it runs.

The marks are characters that no command may hold (screening refuses them), so a word stays a plain string to all who
only compare it.
"""

from collections.abc import Sequence

from msgspec import Struct

STAR, ONE, SET = "\ue000", "\ue001", "\ue002"  # * ? [ as bash expands them to names of files
UNKNOWN = "\ue003"  # some text, in this one word
SPREAD = "\ue004"  # some text that may become any number of words
NAMES = "\ue005"  # names of files below the current folder, as find and git ls-files print them
PLAIN_NAMES = "\ue00c"  # the same, and none of them can be a secret's
HOME = "\ue006"  # a ~ that bash expands
OPEN, COMMA, CLOSE = "\ue007", "\ue008", "\ue009"  # { , } of a brace expansion
SPLIT = "\ue00a"  # the white space at which an unquoted value falls into words
NOTHING = "\ue00b"  # "" or '': keeps an empty word from vanishing
DIGITS = "7"  # stands for digits that are not known yet: whatever these are, they are no option and no path elsewhere
PIPE = "/dev/fd/63"  # stands for what bash calls the pipe of a `<(…)`

GLOBS = frozenset({STAR, ONE, SET})
MARKS = frozenset({*GLOBS, UNKNOWN, SPREAD, NAMES, PLAIN_NAMES, HOME, OPEN, COMMA, CLOSE, SPLIT, NOTHING})
_SEVERAL = frozenset({*GLOBS, SPREAD, NAMES, PLAIN_NAMES})
_STAND_INS = frozenset({UNKNOWN, SPREAD, NAMES, PLAIN_NAMES, HOME, DIGITS, PIPE})
_SHOWN = {STAR: "*", ONE: "?", SET: "[", HOME: "~", OPEN: "{", COMMA: ",", CLOSE: "}", SPLIT: " ", NOTHING: ""}
_TABLE = str.maketrans({mark: _SHOWN.get(mark, "…") for mark in MARKS})


class Word(Struct, frozen=True):
    """`text` is exact but for its marks and what stands in it for something. `written` is how the command says it, ""
    where that is the same: what people are shown, and nothing is decided by."""

    text: str
    written: str = ""

    @property
    def is_literal(self) -> bool:
        """Nothing in it is unknown, but for digits."""
        return MARKS.isdisjoint(self.text)

    @property
    def is_exact(self) -> bool:
        """It is known to its last character."""
        return self.is_literal and not self.may_hold_other_digits

    @property
    def may_hold_other_digits(self) -> bool:
        """Perhaps it does not: a digit that it holds may be one that was written, or stand for others."""
        return bool(self.written) and DIGITS in self.text

    @property
    def fitting(self) -> str:
        """A pattern that fits whatever its digits turn out to be."""
        return self.text.replace(DIGITS, STAR) if self.may_hold_other_digits else self.text

    @property
    def is_glob(self) -> bool:
        return not GLOBS.isdisjoint(self.text)

    @property
    def may_become_several(self) -> bool:
        return not _SEVERAL.isdisjoint(self.text)

    @property
    def may_become_an_option(self) -> bool:
        """It does not begin with a dash here, but it or a word that it falls into may when it runs."""
        return (self.text[:1] in MARKS and self.text[:1] != HOME) or SPREAD in self.text

    @property
    def known(self) -> str:
        """What is known of it, with … for the rest: what is searched and compared."""
        return self.text.translate(_TABLE)

    def without(self, start: str) -> "Word":
        """What follows after a start that it is certain to have."""
        return Word(self.text.removeprefix(start), str(self).removeprefix(start) if self.written else "")

    def __str__(self) -> str:
        return (self.written or self.text).translate(_TABLE)


def is_known(text: str) -> bool:
    """Whether nothing in it stands for something else. Digits may be those that were written, or not."""
    return not any(each in text for each in _STAND_INS)


def literal_of(words: Sequence[Word]) -> tuple[str, ...] | None:
    """The words as plain strings, or None where one is not known."""
    return tuple(word.text for word in words) if all(word.is_exact for word in words) else None
