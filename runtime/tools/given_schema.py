"""A JSON Schema that a stranger wrote, and arguments checked against it without being hurt by it.

A schema can be made to do harm: a pattern that takes years to match, references that double at every step, or one that
never ends, an address to fetch. So patterns are left to whoever wrote them, references are counted and stay inside the
schema, and size and depth have a limit.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import unquote

import orjson

from runtime.depth import is_deeper_than
from runtime.records import JsonObject
from runtime.tools.visible import make_visible

MOST_BYTES = 16_000
MOST_LEVELS = 40
_MOST_REFERENCES = 2_000
_MOST_FAULTS = 5
_LONGEST_WORDS = 300
_BY_NAME = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})  # a schema for each name
_VALUES = frozenset({"const", "enum"})  # anything may stand there, but no schema
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_UNCHECKED = frozenset({
    "$schema", "$id", "id", "default", "examples", "format", "pattern", "patternProperties", "unevaluatedItems",
    "unevaluatedProperties",
})  # fmt: skip


class BadSchema(ValueError):
    """The schema cannot be used, and the message says why."""


class GivenSchema:
    """The schema of a tool's arguments. Raises BadSchema for one that is too large, too deep, or not a schema.

    `shown` is what a planner sees of it: long words shortened, invisible characters written out.
    """

    def __init__(self, schema: JsonObject) -> None:
        self.shown = _brief(_within_bounds(schema))
        self._dialect = str(schema.get("$schema", ""))
        self._checked: dict[str, Any] = _checkable(schema)
        _check(self._dialect, self._checked)

    def list_faults(self, value: Any) -> tuple[str, ...]:
        """Sentences that say what is wrong with `value`; none where it fits as far as can be told here."""
        try:
            return tuple(_sentence(fault) for fault in islice(self._validator.iter_errors(value), _MOST_FAULTS))
        except (_TooMuch, RecursionError):
            return ("The schema of this tool refers to itself too often to be checked.",)
        except Exception as error:  # what a stranger's schema makes the library raise is of many kinds
            return (f"The schema of this tool cannot be used ({type(error).__name__}).",)

    @property
    def _validator(self) -> Any:
        from referencing import Registry

        return _validator_of(self._dialect, _Count())(self._checked, registry=Registry())


class _TooMuch(Exception):
    """More references were followed than any honest schema needs."""


class _Count:
    def __init__(self) -> None:
        self._left = _MOST_REFERENCES

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooMuch


def _validator_of(dialect: str, count: _Count) -> Any:
    from jsonschema import validators

    extend: Any = validators.extend  # which its stubs do not type
    base = _dialect_named(dialect)
    counted = {name: _counted(base.VALIDATORS[name], count) for name in _REFERENCES & base.VALIDATORS.keys()}
    return extend(base, counted)


def _counted(follow: Callable[..., Any], count: _Count) -> Callable[..., Iterator[Any]]:
    def follow_counted(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
        count.spend()
        yield from follow(validator, reference, instance, schema) or ()

    return follow_counted


@cache
def _dialect_named(dialect: str) -> Any:
    from jsonschema import Draft202012Validator, validators  # slow to import, and most installations need no servers

    return validators.validator_for({"$schema": dialect}, default=Draft202012Validator)


def _check(dialect: str, schema: dict[str, Any]) -> None:
    from jsonschema import SchemaError

    try:
        _dialect_named(dialect).check_schema(schema)
    except SchemaError as error:
        raise BadSchema(f"it is not a JSON Schema: {make_visible(error.message)[:_LONGEST_WORDS]}") from None
    except RecursionError:
        raise BadSchema("it is too deep") from None


def _within_bounds(schema: JsonObject) -> JsonObject:
    try:
        size = len(orjson.dumps(dict(schema)))
    except (orjson.JSONEncodeError, RecursionError):
        raise BadSchema("it cannot be written as JSON") from None
    if size > MOST_BYTES:
        raise BadSchema(f"it has {size:,} bytes, and {MOST_BYTES:,} are the most")
    if is_deeper_than(MOST_LEVELS, dict(schema)):
        raise BadSchema(f"it is more than {MOST_LEVELS} levels deep")
    return schema


def _checkable(node: Any) -> Any:
    """The part of a schema that can be checked without danger."""
    if isinstance(node, list):
        return [_checkable(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key in _UNCHECKED or (key == "additionalProperties" and "patternProperties" in node):
            continue
        if key in _REFERENCES:
            _check_reference(value)
        if key in _BY_NAME and isinstance(value, Mapping):
            kept[key] = {name: _checkable(each) for name, each in value.items()}
        else:
            kept[key] = value if key in _VALUES else _checkable(value)
    return kept


def _check_reference(reference: Any) -> None:
    """Raises BadSchema for a way out, and for a way into a place that we have not looked through."""
    text = unquote(str(reference))
    if not text.startswith("#"):
        raise BadSchema(f"it refers to {make_visible(text)[:80]!r}, which is not a part of it")
    is_name = False
    for part in text.split("/")[1:]:
        if part in _VALUES and not is_name:
            raise BadSchema(f"it refers to {make_visible(text)[:80]!r}, which is no schema")
        is_name = part in _BY_NAME and not is_name


def _sentence(fault: Any) -> str:
    place = ".".join(str(part) for part in fault.absolute_path)
    if fault.validator == "required":
        missing = [name for name in fault.validator_value if name not in fault.instance]
        return " ".join(f"`{'.'.join(filter(None, (place, str(name))))}` is missing." for name in missing)
    message = make_visible(str(fault.message))
    short = message if len(message) <= _LONGEST_WORDS else f"{message[:_LONGEST_WORDS]}…"
    return f"`{place or 'arguments'}` is wrong: {short}."


def _brief(node: Any) -> Any:
    if isinstance(node, str):
        text = make_visible(node)
        return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"
    if isinstance(node, list):
        return [_brief(each) for each in node]
    if isinstance(node, Mapping):
        return {
            _brief(key): _brief(value)
            for key, value in node.items()
            if not (key in ("title", "$schema", "$id") and isinstance(value, str))
        }
    return node
