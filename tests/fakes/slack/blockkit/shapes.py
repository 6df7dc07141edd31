"""Small pieces to say what a JSON value must look like; each yields the problems it finds."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct


class Problem(Struct, frozen=True):
    """What is wrong, and where, as a JSON pointer."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Shape = Callable[[Any, str], Iterator[Problem]]


def string(*, longest: int | None = None, shortest: int = 0, pattern: str | None = None) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "must be a string")
            return
        if len(value) < shortest:
            yield Problem(at, f"must be more than {shortest - 1} characters")
        if longest is not None and len(value) > longest:
            yield Problem(at, f"must be less than {longest + 1} characters, is {len(value)}")
        if pattern is not None and not re.fullmatch(pattern, value):
            yield Problem(at, f"does not look like {pattern}")

    return check


def integer(*, least: int | None = None, most: int | None = None) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(at, "must be an integer")
        elif (least is not None and value < least) or (most is not None and value > most):
            yield Problem(at, f"must be between {least} and {most}")

    return check


def flag(value: Any, at: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(at, "must be a boolean")


def anything(value: Any, at: str) -> Iterator[Problem]:
    yield from ()


def choice(*allowed: str) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(at, f"must be one of {', '.join(allowed)}; is {value!r}")

    return check


def array(of: Shape, *, least: int = 0, most: int | None = None) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "must be an array")
            return
        if len(value) < least:
            yield Problem(at, f"must have at least {least} items")
        if most is not None and len(value) > most:
            yield Problem(at, f"no more than {most} items allowed, there are {len(value)}")
        for index, item in enumerate(value):
            yield from of(item, f"{at}/{index}")

    return check


def record(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with exactly these fields."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object")
            return
        for name in required:
            if value.get(name) is None:
                yield Problem(f"{at}/{name}", f"missing required field: {name}")
        for name, item in value.items():
            if name not in known:
                yield Problem(f"{at}/{name}", f"unknown field: {name}")
            elif item is not None or name not in required:
                yield from known[name](item, f"{at}/{name}")

    return check


def kind(name: str, required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """A record that carries its own `type`."""
    return record({"type": choice(name), **required}, optional)


def tagged(kinds: Mapping[str, Shape]) -> Shape:
    """One of several kinds, told apart by `type`."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object")
        elif (shape := kinds.get(str(value.get("type")))) is None:
            yield Problem(f"{at}/type", f"unsupported type: {value.get('type')!r}")
        else:
            yield from shape(value, at)

    return check


def both(*shapes: Shape) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        for shape in shapes:
            yield from shape(value, at)

    return check


def exactly_one(*names: str) -> Shape:
    """Of these fields one must stand, and one only."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and sum(value.get(name) is not None for name in names) != 1:
            yield Problem(at, f"exactly one of {', '.join(names)} is required")

    return check


def at_least_one(*names: str) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield Problem(at, f"at least one of {', '.join(names)} is required")

    return check
