"""Texts and vectors by chance that lie as those of people do, for as many memories as are asked for."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from runtime.memory.embedding.minilm import DIMENSIONS, SPACE
from runtime.memory.records import Vector

_COMMONEST, _WORDS = (
    10,
    50_000,
)  # Zipf's law; words that are commoner still are those as "the", which no search looks for
_WORDS_OF_A_TEXT, _WORDS_OF_A_QUESTION = 10, 6
_TOPICS, _WAYS = 200, 32  # a text is of one topic, and differs from its neighbours in a few dozen ways
_DIFFERENT, _STRAY = 0.8, 0.3  # as much as that; texts of one topic have a cosine of 0.6, of two topics none

Numbers = NDArray[np.float32]


class MadeUp:
    """Whoever begins with the same `seed` gets the same; the topics are always the same ones."""

    def __init__(self, seed: int) -> None:
        world = np.random.default_rng(0)
        self._topics = _unit(world.standard_normal((_TOPICS, DIMENSIONS), np.float32))
        self._ways = world.standard_normal((_WAYS, DIMENSIONS), np.float32)
        self._chance = np.random.default_rng(seed)

    def texts(self, first: int, count: int) -> list[str]:
        """Each ends with a word of its own, `thing42`."""
        return [f"{words} thing{first + number}" for number, words in enumerate(self._said(count, _WORDS_OF_A_TEXT))]

    def questions(self, count: int) -> list[str]:
        return list(self._said(count, _WORDS_OF_A_QUESTION))

    def vectors(self, count: int) -> list[Vector]:
        topics = self._topics[self._chance.integers(_TOPICS, size=count)]
        different = _unit(self._chance.standard_normal((count, _WAYS), np.float32) @ self._ways)
        stray = _unit(self._chance.standard_normal((count, DIMENSIONS), np.float32))
        numbers = _unit(topics + _DIFFERENT * different + _STRAY * stray).astype("<f4")
        return [Vector(space=SPACE, values=each.tobytes()) for each in numbers]

    def _said(self, count: int, words: int) -> Iterator[str]:
        ranks = np.exp(self._chance.uniform(np.log(_COMMONEST), np.log(_WORDS), (count, words))).astype(int)
        return (" ".join(f"word{rank}" for rank in text) for text in ranks.tolist())


def _unit(numbers: Numbers) -> Numbers:
    lengths: Numbers = np.linalg.norm(numbers, axis=1, keepdims=True)
    return numbers / lengths
