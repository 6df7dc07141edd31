"""An embedder that needs no model: a text's vector is the sum of one random direction for each of its words."""

import hashlib
import math
import random
import struct
from collections.abc import Sequence
from functools import cache

from runtime.memory.ports import Embedder
from runtime.memory.records import Vector
from runtime.memory.words import words_of

_DIMENSIONS = 64


@cache
def _direction(word: str, space: str) -> tuple[float, ...]:
    """A plural points where its singular does."""
    seed = hashlib.sha256(f"{space} {word.rstrip('s')}".encode()).digest()
    chance = random.Random(seed)
    return tuple(chance.gauss(0, 1) for _ in range(_DIMENSIONS))


class BagOfWords(Embedder):
    """`synonyms` point where their word does: what a model knows and the letters do not show."""

    def __init__(self, space: str = "bag", synonyms: dict[str, str] | None = None) -> None:
        self._space = space
        self._synonyms = synonyms or {}

    async def space(self) -> str:
        return self._space

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        return tuple(self.vector_of(text) for text in texts)

    def vector_of(self, text: str) -> Vector:
        words = [self._synonyms.get(word, word) for word in words_of(text)] or [""]
        summed = [sum(axis) for axis in zip(*(_direction(word, self._space) for word in words), strict=True)]
        length = math.hypot(*summed)
        return Vector(space=self._space, values=struct.pack(f"<{_DIMENSIONS}f", *(each / length for each in summed)))
