"""The phrases of the fixed command language: all on its page, and nothing guessed."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.models.phrases import FORMS, Command, understand
from runtime.tools.defaults import default_tools
from runtime.tools.registry import Registry

DOCUMENT = (Path(__file__).parents[3] / "docs" / "embedded-commands.md").read_text()
SAMPLES = {
    "FOLDER": "docs", "FILE": "a.txt", "TEXT": "two words", "WORDS": "some: words", "COMMAND": "ls | wc -l",
    "ADDRESS": "https://example.org/a?b=1",
}  # fmt: skip


def fill(phrase: str) -> str:
    return re.sub("|".join(SAMPLES), lambda found: SAMPLES[found[0]], phrase)


def test_the_page_lists_exactly_the_phrases_that_are_understood() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*`) \|$", DOCUMENT.partition("## Examples")[0], re.MULTILINE))
    listed = {tool: tuple(re.findall(r"`([^`]+)`", phrases)) for tool, phrases in rows.items()}
    assert listed == {form.tool: form.phrases for form in FORMS}


@pytest.mark.parametrize("example", re.findall(r"^\| `(.+)` \| `(\w+)` `(\{.*\})` \|$", DOCUMENT, re.MULTILINE))
def test_the_pages_examples_are_true(example: tuple[str, str, str]) -> None:
    said, tool, arguments = example
    found = understand(said)
    assert found
    assert (found.tool, found.arguments) == (tool, json.loads(arguments))


@pytest.mark.parametrize(("tool", "phrase"), [(form.tool, phrase) for form in FORMS for phrase in form.phrases])
@pytest.mark.parametrize("around", ["{}", "Please {}", "@Mallard {}", "<@U0123> hi, could you {}"])
def test_every_phrase_asks_for_its_tool_with_arguments_that_it_takes(tool: str, phrase: str, around: str) -> None:
    found = understand(around.format(fill(phrase)))
    assert found
    assert found.tool == tool
    values = {SAMPLES[word] for word in SAMPLES if word in phrase}
    assert {str(value).rstrip("\n") for value in found.arguments.values()} == values
    assert not isinstance(Registry(default_tools()).parse(tool, dict(found.arguments)), tuple)


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ("write a: one\ntwo", "one\ntwo\n"),
        ("write a:\n  indented\n", "  indented\n"),
        ("write a:", ""),
        ("write a: `code`", "code\n"),
        ("write a:\n```py\nx = 1\n\ny = 2\n```\n", "x = 1\n\ny = 2\n"),
        ("write a: see\n```\nx\n```", "see\n```\nx\n```\n"),
        ("write a: thanks please?", "thanks please?\n"),
    ],
)
def test_what_is_written_is_taken_as_it_is(said: str, content: str) -> None:
    found = understand(said)
    assert found
    assert found.arguments == {"path": "a", "content": content}


@pytest.mark.parametrize(
    "said",
    [
        "",
        "read",
        "please",
        "read the docs and tell me what you think",
        "do not run: ls",
        "I would like to write a: b",
        "search for",
        "search for a\nand b",
        "what about a.txt?",
        "list files " * 5_000,
    ],
)
def test_nothing_is_guessed(said: str) -> None:
    assert understand(said) is None


@given(st.text())
def test_any_text_is_understood_or_not_but_never_an_error(said: str) -> None:
    found = understand(said)
    assert found is None or isinstance(found, Command)
