"""How near two vectors are."""

import struct

from runtime.memory.records import Vector


def numbers(vector: Vector) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector.values) // 4}f", vector.values)


def nearness(one: Vector, other: Vector) -> float:
    """The cosine of what lies between them."""
    assert one.space == other.space
    return sum(a * b for a, b in zip(numbers(one), numbers(other), strict=True))
