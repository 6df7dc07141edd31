"""How deep a JSON value from outside may be nested."""

from typing import Any

# What a planner asks for is checked, masked, compared and written by functions that call themselves, and none of them goes
# as deep as reading does: orjson reads 1,024 levels and writes 254, and a schema that refers to itself is followed for 100.
MOST_LEVELS = 64

_CONTAINERS = (dict, list)


def is_deeper_than(levels: int, value: Any) -> bool:
    """Whether more objects and arrays than that stand inside each other. Only these are looked at: a microsecond, mostly."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(levels):
        if not level:
            return False
        level = [
            below
            for each in level
            for below in (each.values() if isinstance(each, dict) else each)
            if isinstance(below, _CONTAINERS)
        ]
    return bool(level)
