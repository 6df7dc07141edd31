"""What the action model asks for, and how it is read out of whatever the model wrote around it."""

from typing import Any

from msgspec import Struct

from runtime.models.schemas import Schema
from runtime.records import JsonObject

_PLAIN_CALLS = 8


class RequestedCall(Struct, frozen=True, kw_only=True):
    """A tool call that a planner asks for. `reason` is the model's claim, never a fact."""

    tool: str
    arguments: JsonObject
    reason: str


class Directive(Struct, frozen=True, kw_only=True):
    """The next step. No calls: nothing more needs doing before the answer."""

    thought: str = ""
    calls: tuple[RequestedCall, ...] = ()


def directive_schema() -> JsonObject:
    """The JSON Schema of a directive, as a model is shown it."""
    return _SCHEMA.json


def read_directive(text: str) -> Directive | tuple[str, ...]:
    """The directive in `text`, whether alone, fenced or amid prose; where there are several, the last valid one.

    Otherwise short sentences, never none, that say what is wrong and where (a JSON pointer).
    """
    found = _SCHEMA.read(text)
    return found if isinstance(found, tuple) else _directive(found)


def is_valid_at_a_glance(found: dict[str, Any]) -> bool:
    """Whether `found` is plainly what the schema asks for, as it nearly always is."""
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


def _directive(found: dict[str, Any]) -> Directive:
    return Directive(
        thought=found.get("thought", ""),
        calls=tuple(
            RequestedCall(tool=call["tool"], arguments=call["arguments"], reason=call["reason"])
            for call in found["calls"]
        ),
    )


_SCHEMA = Schema("directive", "directive", at_a_glance=is_valid_at_a_glance)
