"""Small pieces to say what a JSON value must look like; each yields the problems it finds.

Slack's are the same and are handed on; what only Discord needs stands here.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.slack.blockkit.shapes import (
    Problem,
    Shape,
    anything,
    array,
    at_least_one,
    both,
    flag,
    integer,
    record,
    string,
    tagged,
)

__all__ = [
    "Problem",
    "Shape",
    "among",
    "anything",
    "array",
    "at_least_one",
    "bits",
    "both",
    "either",
    "flag",
    "integer",
    "nullable",
    "record",
    "snowflake",
    "string",
    "tagged",
]


def nullable(shape: Shape) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if value is not None:
            yield from shape(value, at)

    return check


def snowflake(value: Any, at: str) -> Iterator[Problem]:
    """An id, as a string or as a number: Discord takes both."""
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,20}", str(value)) or not isinstance(value, (str, int)):
        yield Problem(at, f"is no snowflake: {value!r:.40}")


def among(*allowed: int | str) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or value not in allowed:
            yield Problem(at, f"must be one of {', '.join(map(str, allowed))}; is {value!r:.40}")

    return check


def bits(allowed: int) -> Shape:
    """A number that sets none but these bits."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(at, "must be an integer")
        elif value & ~allowed:
            yield Problem(at, f"sets the bits {value & ~allowed}, which cannot be set here")

    return check


def either(*shapes: Shape) -> Shape:
    """The problems of the first, unless it has the shape of another."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        found = [list(shape(value, at)) for shape in shapes]
        if all(found):
            yield from found[0]

    return check
