"""What a model says of a text becomes a vector that can be kept and compared."""

import math
import sys
from array import array
from collections.abc import Sequence

from runtime.errors import EmbeddingUnavailable
from runtime.memory.records import Vector


def unit_vector(values: Sequence[float], model: str) -> Vector:
    """Of unit length, in the space of this model and this many dimensions. Raises EmbeddingUnavailable where the values
    point nowhere."""
    length = math.sqrt(math.fsum(value * value for value in values))
    if not 0 < length < math.inf:
        raise EmbeddingUnavailable(f"{model} made a vector of numbers that are none, or all zero.")
    floats = array("f", (value / length for value in values))
    if sys.byteorder == "big":
        floats.byteswap()
    return Vector(space=space_of(model, len(values)), values=floats.tobytes())


def space_of(model: str, dimensions: int) -> str:
    return f"{model}/{dimensions}"
