"""BERT's tokenizer for lower-case English: words, cut into the pieces of a vocabulary."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

VOCABULARY = "bert-base-uncased-vocab.txt"
MAX_TOKENS = 256
_LONGEST_WORD = 100  # a longer one is unknown as a whole

# What separates words. Other characters that Python takes for spaces are controls, and so in no word and between none.
_BETWEEN_SPACES = re.compile("[^\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_IDEOGRAPH = re.compile(
    "[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f\U0002b920-\U0002ceaf"
    "\uf900-\ufaff\U0002f800-\U0002fa1f]"
)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})
_ASCII_SYMBOLS = frozenset("$+<=>^`|~")


class WordPiece:
    """Ids of a text's pieces. What looks like a mark of the model (`[SEP]`) is text like any other.

    Equal to Hugging Face's `tokenizers`, but for signs that Unicode did not have in 2015 (version 8), which that library
    does not know as accents or punctuation.
    """

    def __init__(self, vocabulary: dict[str, int]) -> None:
        self._ids = vocabulary
        self._longest_piece = max(map(len, vocabulary))
        self._unknown, self._begin, self._end = (vocabulary[mark] for mark in ("[UNK]", "[CLS]", "[SEP]"))

    def ids(self, text: str, *, limit: int = MAX_TOKENS) -> list[int]:
        """As a model takes them: between its marks of beginning and end, `limit` at most with both."""
        return [self._begin, *islice(self._pieces(text), limit - 2), self._end]

    def _pieces(self, text: str) -> Iterator[int]:
        for found in _BETWEEN_SPACES.finditer(text):
            for word in _words(found[0]):
                yield from self._pieces_of(word)

    def _pieces_of(self, word: str) -> list[int]:
        """The longest piece that the word begins with, then the longest that goes on, and so on."""
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        pieces, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest_piece), start, -1):
                if (piece := self._ids.get(prefix + word[start:end])) is not None:
                    pieces.append(piece)
                    start = end
                    break
            else:
                return [self._unknown]
        return pieces


@cache
def bert_wordpiece() -> WordPiece:
    """With the vocabulary of bert-base-uncased, read when it is first asked for."""
    lines = files(__package__).joinpath(VOCABULARY).read_text(encoding="utf-8").split("\n")
    return WordPiece({piece: number for number, piece in enumerate(lines) if piece})


def _words(text: str) -> Iterator[str]:
    """Lower-case and without accents; each mark of punctuation and each ideograph is a word of its own."""
    kept = "".join(each for each in text if each != "\ufffd" and unicodedata.category(each) not in _DROPPED)
    for part in _IDEOGRAPH.sub(r" \g<0> ", kept).split(" "):
        bare = "".join(each for each in unicodedata.normalize("NFD", part) if unicodedata.category(each) != "Mn")
        yield from _around_punctuation("".join(each.lower() for each in bare))


def _around_punctuation(text: str) -> Iterator[str]:
    start = 0
    for at, each in enumerate(text):
        if each in _ASCII_SYMBOLS or unicodedata.category(each).startswith("P"):
            if start < at:
                yield text[start:at]
            yield each
            start = at + 1
    if start < len(text):
        yield text[start:]
