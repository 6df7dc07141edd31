"""JSON that a model is asked for, and how it is read out of whatever the model wrote around it."""

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

from runtime.complaints import brief
from runtime.depth import MOST_LEVELS, is_deeper_than
from runtime.models.port import ChatMessage, Part
from runtime.records import JsonObject
from runtime.tools.visible import shorten

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

MAX_STARTS = 5_000  # opening braces tried in one text: prose full of braces must not stall the loop
MAX_REPEATED = 8_000  # characters of what cannot be used that a model sees again: it has no place in the budget

# It only tells where an object ends, so a number is left as text: of one with thousands of digits Python makes none.
_DECODER = json.JSONDecoder(parse_int=str)


class Schema:
    """A published JSON Schema by its name. `noun` is what errors call an object of it.

    `at_a_glance` says yes to what is plainly valid: then jsonschema, which takes a tenth of a second to load and long to
    ask, need not be asked. Where it says no, the schema decides.
    """

    def __init__(
        self, name: str, noun: str, *, at_a_glance: Callable[[dict[str, Any]], bool] = lambda found: False
    ) -> None:
        self.name = name
        self._noun = noun
        self._at_a_glance = at_a_glance

    @cached_property
    def json(self) -> JsonObject:
        """The schema, as a model is shown it."""
        schema: JsonObject = orjson.loads(files("runtime").joinpath("schemas", f"{self.name}.json").read_bytes())
        return schema

    @cached_property
    def _validator(self) -> "Draft202012Validator":
        from jsonschema import Draft202012Validator  # slow to import, and the terminal may never need it

        return Draft202012Validator(self.json)

    def read(self, text: str) -> dict[str, Any] | tuple[str, ...]:
        """The object in `text`, whether alone, fenced or amid prose; where there are several, the last valid one.

        Otherwise short sentences, never none, that say what is wrong and where (a JSON pointer).
        """
        first_word, wrong = self.json["required"][0], None
        for found in _last_first(text):
            if self._is_valid(found):
                return found
            if wrong is None or (first_word in found and first_word not in wrong):
                wrong = found
        if wrong is None:
            return _nothing_found(text)
        if is_deeper_than(MOST_LEVELS, wrong):
            return (f"The {self._noun} is nested more than {MOST_LEVELS} levels deep: write it flatter.",)
        return brief(_sentence(error, self._noun) for error in self._validator.iter_errors(wrong))

    def _is_valid(self, found: dict[str, Any]) -> bool:
        if is_deeper_than(MOST_LEVELS, found):
            return False
        return self._at_a_glance(found) or self._validator.is_valid(found)


def repair(text: str, errors: tuple[str, ...]) -> tuple[ChatMessage, ChatMessage]:
    """What the model said, and what to do about it. Some endpoints refuse an empty message, so none is sent, and a long one
    could be more than the model takes: its middle is left out."""
    lines = "\n".join(f"- {error}" for error in errors)
    ask = f"That cannot be used:\n{lines}\nReply with the corrected JSON object and nothing else."
    text, left_out = shorten(text, MAX_REPEATED)
    if left_out:
        ask += " Your reply was long and is not repeated in full: write it whole, and shorter if you can."
    return (
        ChatMessage(speaker="assistant", part=Part.DIRECTIVE, text=text or "(nothing)"),
        ChatMessage(speaker="user", part=Part.REPAIR, text=ask),
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
            # Going on behind the break, never inside what was read: a part of a torn object is nobody's answer.
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


def _nothing_found(text: str) -> tuple[str, ...]:
    if not text.strip():
        return ("The reply is empty: write one JSON object.",)
    if "{" not in text:
        return ("The reply has no JSON object: write one JSON object and nothing else.",)
    return ("The reply has no complete JSON object: it breaks off or is not valid JSON.",)


def _sentence(error: "ValidationError", noun: str) -> str:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
    where = pointer or f"The {noun}"
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
