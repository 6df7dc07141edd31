"""What is wrong with what a model wrote, as it is told to it: short, however long that was."""

from collections.abc import Iterable
from itertools import islice

from runtime.tools.visible import shorten

MOST = 5
_LONGEST = 1_000
_MORE = "More is wrong than this."


def brief(sentences: Iterable[str]) -> tuple[str, ...]:
    """The first few, each with its middle left out where it is long, and whether there are more."""
    told = tuple(shorten(sentence, _LONGEST)[0] for sentence in islice(sentences, MOST + 1))
    return told if len(told) <= MOST else (*told[:MOST], _MORE)
