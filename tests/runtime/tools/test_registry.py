"""The registry tells a planner what there is, and what it got wrong."""

from typing import Any

import pytest
from pydantic import BaseModel

from runtime.tools.defaults import default_tools
from runtime.tools.registry import Registry
from tests.runtime.tools.doubles import Echo, EchoArguments


class Lax(BaseModel):
    text: str


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two tools are called echo"):
        Registry([Echo(), Echo()])


def test_a_tool_that_lets_unknown_arguments_in_is_refused() -> None:
    with pytest.raises(ValueError, match="must forbid unknown fields"):
        Registry([Echo(arguments=Lax)])


def test_arguments_come_back_as_the_tools_own_model() -> None:
    assert Registry([Echo()]).parse("echo", {"text": "hi"}) == EchoArguments(text="hi", times=1)


@pytest.mark.parametrize(
    ("arguments", "sentences"),
    [
        ({}, ("`text` is missing.",)),
        (
            {"text": "a", "volume": 3},
            ("`volume` is not an argument of echo; it takes `text`, `times`.",),
        ),
        (
            {"text": "a", "times": 50},
            ("`times` is wrong: input should be less than or equal to 9 (it was 50).",),
        ),
        (
            {"text": 3, "times": 0},
            (
                "`text` is wrong: input should be a valid string (it was 3).",
                "`times` is wrong: input should be greater than or equal to 1 (it was 0).",
            ),
        ),
        (["text"], ("The arguments of echo must be a JSON object.",)),
    ],
)
def test_wrong_arguments_come_back_as_sentences(arguments: Any, sentences: tuple[str, ...]) -> None:
    assert Registry([Echo()]).parse("echo", arguments) == sentences


def test_an_unknown_tool_is_answered_with_the_known_ones() -> None:
    assert Registry([Echo()]).parse("ecko", {}) == ("There is no tool called 'ecko'. The tools are: echo.",)


def test_a_description_is_a_schema_without_noise() -> None:
    (found,) = Registry([Echo()]).describe()

    assert (found.name, found.description) == ("echo", "Says it.")
    assert found.schema == {
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {
            "text": {"type": "string", "description": "What to say."},
            "times": {"type": "integer", "description": "How often.", "default": 1, "minimum": 1, "maximum": 9},
        },
    }


def test_every_argument_of_every_default_tool_is_described() -> None:
    registry = Registry(default_tools())

    assert {"list_files", "write_file", "edit_file", "shell_exec_safe", "ask_person", "http_request"} <= {
        *registry.names
    }
    for tool in registry.describe():
        assert tool.description
        for name, schema in tool.schema["properties"].items():
            assert schema.get("description"), f"{tool.name}.{name}"
