"""What the words of a text say, as far as that shows without a language model: pure functions of texts."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from runtime.memory.records import MemoryId

MOST_WORDS = 48  # a request may be a page long; what it is about is said in fewer words
_MOST_OF = 0.6  # of a memory's words that must stand together in a text before it says the same

# Words that a question is made of, whatever it is about.
_ASKING = frozenset(
    re.findall(
        r"\w+",
        """
        a about after again all also am an and any are as at be been before but by can could did do does doing for from
        had has have having he her here hers him his how i if in into is it its itself just let me more most my no nor
        not of off on once only or other our ours out over own please shall she should so some such tell than that the
        their theirs them then there these they this those through to too under until up us very was we were what when
        where which while who whom whose why will with would you your yours
        """,
    )
)
# Words that change nothing about what is said. "Not", "before", "from" and "was" are none of them.
_EMPTY = frozenset(
    {"a", "also", "an", "and", "are", "at", "be", "in", "is", "it", "of", "on", "our", "please", "the", "we"}
)
# Words that say little, as long as something else (a vector) says that two sentences mean the same.
_FAINT = frozenset(
    {"call", "called", "happen", "happens", "has", "have", "named", "name", "use", "used", "using", "will"}
)

_ENDINGS = ("'s", "’s", "s'", "s’")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order, folded; a word with an apostrophe is one word."""
    return tuple(re.findall(r"\w+(?:['’]\w+)*", text.casefold()))


def looked_for(text: str) -> tuple[str, ...]:
    """The words that a search for a text looks for, each once: those that the question is made of only where it has no others."""
    words = dict.fromkeys(re.findall(r"\w*[^\W_]\w*", text.casefold()))
    telling = [word for word in words if word not in _ASKING]
    return tuple(telling or words)[:MOST_WORDS]


def say_the_same(one: str, other: str, *, alike: bool = False) -> bool:
    """Whether two sentences say the same, in the same order, but for endings and words that say nothing.

    A vector never decides this: sentences that contradict each other ("before", "after") are nearer to each other than many
    that agree. Where it finds two `alike`, words that say little may differ too.
    """
    dropped = _EMPTY | _FAINT if alike else _EMPTY
    said, known = _substance(one, dropped), _substance(other, dropped)
    return bool(said) and said == known


def is_faint(word: str) -> bool:
    """Whether sentences that a vector finds alike may differ in this word."""
    return word in _FAINT


def _substance(text: str, dropped: frozenset[str]) -> list[str]:
    return [_stem(word) for word in words_of(text) if word not in dropped]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending)
    if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" and not word[-2].isdigit():
        return word[:-1]
    return word


def tells(text: str, memory: str) -> bool:
    """Whether a text tells what a memory says: word for word, or most of its words within one or two of its sentences.

    A memory of a word or two is told by what quotes it: each of them stands in many texts that have nothing to do with it.
    """
    wanted = _telling(memory)
    if len(wanted) < 2 and words_of(memory) and not _is_dense(memory):
        return words_of(memory) in {words_of(quoted) for quoted in re.split(r"""[.!?:,;\n"“”„«»‘`(){}\[\]]""", text)}
    if memory.casefold() in text.casefold():
        return True
    if not wanted:
        return False
    sentences = [_telling(sentence) for sentence in re.split(r"[.!?\n]\s*", text)]
    together = [*sentences, *(one | other for one, other in pairwise(sentences))]
    return any(len(wanted & found) >= _MOST_OF * len(wanted) for found in together)


def _is_dense(text: str) -> bool:
    """Whether it is in a script that puts no blanks between words: then a whole sentence looks like one."""
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)


def _telling(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in words_of(text) if word not in _ASKING)


class Telling:
    """Whether texts tell what any of some memories says, as `tells` says of one, without holding each against each."""

    def __init__(self, memories: Iterable[str]) -> None:
        wanted = {memory: _telling(memory) for memory in memories}
        # What is quoted may begin and end in the middle of a word: with no more words than those two, it is always looked for.
        self._always = [memory for memory, words in wanted.items() if len(words) <= 2]
        self._needed = {m: min(_MOST_OF * len(words), len(words) - 2) for m, words in wanted.items() if len(words) > 2}
        self._by_word: dict[str, list[str]] = {}
        for memory in self._needed:
            for word in wanted[memory]:
                for ending in ("", "s", *_ENDINGS):
                    self._by_word.setdefault(word + ending, []).append(memory)

    def __call__(self, text: str) -> bool:
        return self._is_told_in(text) or ("\\" in text and self._is_told_in(_without_escapes(text)))

    def _is_told_in(self, text: str) -> bool:
        found = self._by_word.keys() & words_of(text)
        standing = Counter(memory for word in found for memory in self._by_word[word])
        likely = (memory for memory, count in standing.items() if count >= self._needed[memory])
        return any(tells(text, memory) for memory in (*self._always, *likely))


def _without_escapes(text: str) -> str:
    """What a text says where it is JSON, as models write it: some escape every letter that is not English."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), re.sub(r"\\[nrt]", "\n", text))
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def names_any(text: str, memories: Iterable[MemoryId]) -> bool:
    """Whether a text names one of these memories by its number, as answers do that relied on it."""
    named = {int(number) for number in re.findall(r"\bmemory #?(\d+)\b", text, re.IGNORECASE)}
    return not named.isdisjoint(memories)
