"""A stranger's schema is used as far as it does no harm: nothing in it takes long, reaches out, or gets through unseen."""

import time
from typing import Any

import pytest

from runtime.tools.given_schema import BadSchema, GivenSchema


def faults(schema: dict[str, Any], value: Any) -> tuple[str, ...]:
    return GivenSchema(schema).list_faults(value)


DRAFT_7 = "http://json-schema.org/draft-07/schema#"
NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        ({"type": "object"}, {"a": 1}, ()),
        ({"required": ["a", "b"]}, {"a": 1}, ("`b` is missing.",)),
        ({"properties": {"a": {"type": "string"}}}, {"a": 1}, ("`a` is wrong: 1 is not of type 'string'.",)),
        ({"properties": {"a": {"required": ["b"]}}}, {"a": {}}, ("`a.b` is missing.",)),
        (
            {"properties": {}, "additionalProperties": False},
            {"a": 1},
            ("`arguments` is wrong: Additional properties are not allowed ('a' was unexpected).",),
        ),
        ({"$schema": DRAFT_7, "definitions": {"n": {"type": "number"}}, "$ref": "#/definitions/n"}, 1, ()),
        ({"$defs": {"node": NODE}, "$ref": "#/$defs/node"}, {"next": {"next": {}}}, ()),
        (
            {"$defs": {"node": NODE}, "$ref": "#/$defs/node"},
            {"next": {"last": {}}},
            ("`next` is wrong: Additional properties are not allowed ('last' was unexpected).",),
        ),
        ({"properties": {"pattern": {"type": "string"}}}, {"pattern": 1}, ("`pattern` is wrong: 1 is not of type 'string'.",)),
        ({"properties": {"const": {"type": "string"}, "b": {"$ref": "#/properties/const"}}}, {"b": "c"}, ()),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_sentences(schema: dict[str, Any], value: Any, found: tuple[str, ...]) -> None:
    assert faults(schema, value) == found


def doubling(levels: int) -> dict[str, Any]:
    """Each definition refers twice to the next one."""
    defs: dict[str, Any] = {f"d{level}": {"allOf": [{"$ref": f"#/$defs/d{level + 1}"}] * 2} for level in range(levels)}
    return {"$defs": {**defs, f"d{levels}": {"type": "object"}}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize(
    "schema",
    [
        doubling(30),
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"$schema": DRAFT_7, "definitions": {"a": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"},
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveRef": "#"},
        {"$dynamicAnchor": "node", "allOf": [{"$dynamicRef": "#node"}]},
    ],
)
def test_a_schema_that_never_comes_to_an_end_refuses_the_call(schema: dict[str, Any]) -> None:
    began = time.process_time()

    assert faults(schema, {}) == ("The schema of this tool refers to itself too often to be checked.",)
    assert time.process_time() - began < 5


SLOW = {"type": "string", "pattern": "^(a+)+$"}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": SLOW}},
        {"properties": {"a": {"$schema": "https://json-schema.org/draft/2020-12/schema", **SLOW}}},
        {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
        {"$defs": {"s": SLOW}, "properties": {"a": {"$ref": "#/$defs/s"}}},
        {"default": SLOW, "properties": {"a": {"$ref": "#/default"}}},
        {"patternProperties": {"^(a+)+$": {}}, "unevaluatedProperties": False},
    ],
)
def test_a_pattern_that_takes_for_ever_is_never_tried(schema: dict[str, Any]) -> None:
    faults(schema, {"a": "a" * 60 + "!", "a" * 60 + "!": 1})  # would not return in our lifetime


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "nonsense"}, "it is not a JSON Schema"),
        ({"properties": 5}, "it is not a JSON Schema"),
        ({"description": "x" * 20_000}, "16,000 are the most"),
        ({"const": 2**70}, "it cannot be written as JSON"),
        ({"$ref": "https://example.com/schema.json"}, "which is not a part of it"),
        ({"$ref": "file:///etc/passwd"}, "which is not a part of it"),
        ({"const": SLOW, "properties": {"a": {"$ref": "#/const"}}}, "which is no schema"),
        ({"const": {"b": SLOW}, "properties": {"a": {"$ref": "#/%63onst/b"}}}, "which is no schema"),
        (
            {"properties": {"properties": {"const": SLOW}, "a": {"$ref": "#/properties/properties/const"}}},
            "which is no schema",
        ),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_the_reason(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSchema, match=why):
        GivenSchema(schema)


def test_a_deep_schema_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(60):
        schema = {"not": schema}

    with pytest.raises(BadSchema, match="40 levels"):
        GivenSchema(schema)


def test_a_planner_sees_short_visible_words() -> None:
    given = GivenSchema({
        "$schema": DRAFT_7, "title": "Args",
        "properties": {"a": {"type": "string", "description": "x\u202ey" + "z" * 900}, "title": {"type": "string"}},
    })  # fmt: skip

    assert given.shown == {
        "properties": {
            "a": {"type": "string", "description": "x\\u202ey" + "z" * 292 + "…"},
            "title": {"type": "string"},
        }
    }
