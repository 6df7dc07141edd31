"""What the action model asks for, and how it is read out of whatever the model wrote around it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

from runtime.records import JsonObject

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

MAX_STARTS = 5_000  # opening braces tried in one text: prose full of braces must not stall the loop
MAX_ERRORS = 5
_PLAIN_CALLS = 8

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCall:
    """A tool call that a planner asks for. `reason` is the model's claim, never a fact."""

    tool: str
    arguments: JsonObject
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """The next step. No calls: nothing more needs doing before the answer."""

    thought: str = ""
    calls: tuple[RequestedCall, ...] = ()


@cache
def directive_schema() -> JsonObject:
    """The JSON Schema of a directive, as a model is shown it."""
    schema: JsonObject = orjson.loads(files("runtime").joinpath("schemas", "directive.json").read_bytes())
    return schema


@cache
def _validator() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator  # slow to import, and the terminal may never need it

    return Draft202012Validator(directive_schema())


def read_directive(text: str) -> Directive | tuple[str, ...]:
    """The directive in `text`, whether alone, fenced or amid prose; where there are several, the last valid one.

    Otherwise short sentences, never none, that say what is wrong and where (a JSON pointer).
    """
    wrong: Any = None
    for found in _last_first(text):
        if is_valid_at_a_glance(found) or _validator().is_valid(found):
            return _directive(found)
        if wrong is None or ("calls" in found and "calls" not in wrong):
            wrong = found
    if wrong is None:
        return _nothing_found(text)
    return tuple(_sentence(error) for error, _ in zip(_validator().iter_errors(wrong), range(MAX_ERRORS), strict=False))


def is_valid_at_a_glance(found: dict[str, Any]) -> bool:
    """Whether `found` is plainly what the schema asks for. It nearly always is, and then jsonschema, which takes a tenth of
    a second to load and long to ask, need not be asked. Where this says no, the schema decides."""
    calls = found.get("calls")
    return (
        found.keys() <= {"thought", "calls"}
        and isinstance(found.get("thought", ""), str)
        and isinstance(calls, list)
        and len(calls) <= _PLAIN_CALLS
        and all(isinstance(call, dict) and _is_plain_call(call) for call in calls)
    )


def _is_plain_call(call: dict[str, Any]) -> bool:
    return (
        call.keys() == {"tool", "arguments", "reason"}
        and isinstance(call["tool"], str)
        and call["tool"] != ""
        and isinstance(call["arguments"], dict)
        and isinstance(call["reason"], str)
    )


def _last_first(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand in the text side by side, the last one first."""
    whole = _parse(text)
    if whole is not None:
        yield whole
        return
    spans: list[tuple[int, int]] = []
    start = text.find("{")
    for _ in range(MAX_STARTS):
        if start < 0:
            break
        try:
            _, end = _DECODER.raw_decode(text, start)
        except RecursionError:
            break
        except json.JSONDecodeError as error:
            # Going on behind the break, never inside what was read: a part of a torn object is nobody's directive.
            end = max(error.pos, start + 1)
        else:
            spans.append((start, end))
        start = text.find("{", end)
    for first, end in reversed(spans):
        found = _parse(text[first:end])
        if found is not None:
            yield found


def _parse(text: str) -> dict[str, Any] | None:
    """orjson has the last word: it takes no NaN and no half surrogate, which nothing behind it could store."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _directive(found: dict[str, Any]) -> Directive:
    return Directive(
        thought=found.get("thought", ""),
        calls=tuple(
            RequestedCall(tool=call["tool"], arguments=call["arguments"], reason=call["reason"])
            for call in found["calls"]
        ),
    )


def _nothing_found(text: str) -> tuple[str, ...]:
    if not text.strip():
        return ("The reply is empty: write one JSON object.",)
    if "{" not in text:
        return ("The reply has no JSON object: write one JSON object and nothing else.",)
    return ("The reply has no complete JSON object: it breaks off or is not valid JSON.",)


def _sentence(error: "ValidationError") -> str:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
    where = pointer or "The directive"
    instance: Any = error.instance
    match error.validator:
        case "required":
            required: Any = error.validator_value
            missing = [name for name in required if name not in instance]
            return f"{where} lacks {', '.join(missing)}."
        case "type":
            return f"{where} must be of type {error.validator_value}."
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            extra = [name for name in instance if name not in known]
            return f"{where} must not have {', '.join(extra)[:200]}."
        case "maxItems":
            return f"{where} has {len(instance)} items: at most {error.validator_value}."
        case "minLength":
            return f"{where} must not be empty."
        case _:
            return f"{where}: {error.message[:200]}"
