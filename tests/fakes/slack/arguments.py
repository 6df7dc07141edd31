"""The arguments of a call: read from query, form or JSON alike, each of the type that its method declares."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from tests.fakes.slack.refusals import Breach

Json = dict[str, Any]
_MISSING = object()


class Mistyped(Exception):
    pass


Kind = Callable[[Any, bool], Any]


def STRING(value: Any, written: bool) -> str:
    if not isinstance(value, str):
        raise Mistyped(f"must be a string, is {type(value).__name__}")
    return value


def TS(value: Any, written: bool) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{10}\.\d{6}", value):
        raise Mistyped(f"must be a ts like '1700000000.000001', is {value!r}")
    return value


def BOOLEAN(value: Any, written: bool) -> bool:
    if written and value in ("true", "1", "false", "0"):
        return bool(value in ("true", "1"))
    if not isinstance(value, bool):
        raise Mistyped(f"must be a boolean, is {value!r}")
    return value


def INTEGER(value: Any, written: bool) -> int:
    if written and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Mistyped(f"must be an integer, is {value!r}")
    return value


def LIST(value: Any, written: bool) -> list[Any]:
    value = _unpacked(value)
    if not isinstance(value, list):
        raise Mistyped(f"must be a JSON array, is {value!r:.80}")
    return value


def OBJECT(value: Any, written: bool) -> Json:
    value = _unpacked(value)
    if not isinstance(value, dict):
        raise Mistyped(f"must be a JSON object, is {value!r:.80}")
    return value


def NAMES(value: Any, written: bool) -> list[str]:
    """Several short strings: an array, or one string with commas."""
    if isinstance(value, str) and not value.startswith("["):
        return [name.strip() for name in value.split(",") if name.strip()]
    names = _unpacked(value)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Mistyped(f"must be a list of strings, is {value!r:.80}")
    return names


def _unpacked(value: Any) -> Any:
    """JSON that arrives as a string, as Slack takes it everywhere."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Mistyped(f"is not valid JSON: {value!r:.80}") from None


class Signature(Struct, frozen=True):
    required: Mapping[str, Kind] = field(default_factory=dict)
    optional: Mapping[str, Kind] = field(default_factory=dict)

    def read(self, raw: Mapping[str, Any], *, written: bool) -> Json:
        """The typed arguments. `written` says that they came as text (query or form), not as JSON."""
        kinds = {**self.required, **self.optional}
        found: Json = {}
        wrong: list[str] = []
        for name, value in raw.items():
            if name in ("token", "team_id"):  # the first is authentication; bolt adds the second everywhere
                continue
            if name not in kinds:
                wrong.append(f"unknown argument: {name}")
            elif value is not None:
                try:
                    found[name] = kinds[name](value, written)
                except Mistyped as mistake:
                    wrong.append(f"{name} {mistake}")
        wrong += [f"missing required argument: {name}" for name in self.required if found.get(name, _MISSING) == ""]
        wrong += [f"missing required argument: {name}" for name in self.required if name not in raw]
        if wrong:
            raise Breach("invalid_arguments", "; ".join(wrong), response_metadata={"messages": wrong})
        return found
