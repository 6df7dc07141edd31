"""A directive is found wherever a model puts it, and what is wrong with it is said so that a model can repair it."""

import json
import timeit
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runtime.depth import MOST_LEVELS
from runtime.directive import Directive, RequestedCall, directive_schema, is_valid_at_a_glance, read_directive

CALL = {"tool": "read_file", "arguments": {"path": "a}{.txt"}, "reason": "it was asked for"}
ONE = json.dumps({"thought": "look first", "calls": [CALL]})
NONE = json.dumps({"calls": []})
ENDLESS = ONE.replace('"a}{.txt"', "9" * 5_000)  # Python reads no whole number of so many digits

JUNK: st.SearchStrategy[object] = st.none() | st.text(max_size=3) | st.integers() | st.just({}) | st.just([])
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "tool": st.sampled_from(["read_file", ""]) | JUNK,
        "arguments": st.just({"path": "a"}) | JUNK,
        "reason": st.just("it was asked for") | JUNK,
        "extra": JUNK,
    },
)
MANY = st.lists(st.just(CALL) | CALLS | JUNK, max_size=10)
NEARLY = st.fixed_dictionaries({}, optional={"thought": JUNK, "calls": MANY | JUNK, "extra": JUNK})


def nested(levels: int) -> str:
    """A directive of so many levels: itself, its calls, the call, and arguments inside each other."""
    inner = levels - 3
    return json.dumps({"calls": [CALL | {"arguments": 0}]}).replace(": 0", ": " + '{"a":' * inner + "1" + "}" * inner)


def errors_of(text: str) -> tuple[str, ...]:
    found = read_directive(text)
    assert isinstance(found, tuple)
    return found


def test_the_schema_itself_is_valid_and_ships_with_the_package() -> None:
    Draft202012Validator.check_schema(directive_schema())
    assert files("runtime").joinpath("schemas", "directive.json").is_file()


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        f"\n  {ONE}\n",
        f"```json\n{ONE}\n```",
        f"```\n{ONE}\n```",
        f"Sure! First I read {{the file}}:\n{ONE}\nThat is all {{so far}}.",
        f"An empty one would be {NONE}, but I want {ONE}",
        f'{{"note": 1}} and then {ONE} and {{"note": 2}}',
        f"void main() {{ if (a) {{ b(); }} }}\n{ONE}",
        f"{ENDLESS} is too long, so {ONE}",
    ],
    ids=["plain", "spaced", "fenced", "bare fence", "prose", "last of two", "other objects", "code before", "endless"],
)
def test_a_directive_is_found_wherever_the_model_put_it(text: str) -> None:
    call = RequestedCall(tool="read_file", arguments={"path": "a}{.txt"}, reason="it was asked for")
    assert read_directive(text) == Directive(thought="look first", calls=(call,))


def test_no_calls_is_a_directive_too() -> None:
    assert read_directive(NONE) == Directive()


def test_a_directive_may_be_as_deep_as_what_works_with_it() -> None:
    found = read_directive(nested(MOST_LEVELS))
    assert isinstance(found, Directive)
    assert json.dumps(found.calls[0].arguments).count("{") == MOST_LEVELS - 3


def test_a_directive_inside_a_string_is_only_a_string() -> None:
    outer = json.dumps({"calls": [{"tool": "write_file", "arguments": {"text": f"x {ONE} y"}, "reason": "r"}]})
    found = read_directive(f"I will write it: {outer}")
    assert isinstance(found, Directive)
    assert [call.tool for call in found.calls] == ["write_file"]


def test_a_part_of_a_torn_directive_is_not_taken_for_one() -> None:
    torn = json.dumps({"calls": [{"tool": "t", "arguments": {"plan": {"calls": [CALL]}}, "reason": "r"}]})[:-4]
    assert "breaks off" in errors_of(torn)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "The reply is empty"),
        ("I would rather not.", "has no JSON object"),
        (ONE[:-5], "no complete JSON object"),
        ("[1, 2]", "has no JSON object"),
        (ENDLESS, "no complete JSON object"),
        (nested(MOST_LEVELS + 1), "The directive is nested more than 64 levels deep"),
        (nested(300), "The directive is nested more than 64 levels deep"),
        (f'{{"calls": [], "thought": {"[" * 1_000}{"]" * 1_000}}}', "The directive is nested more than 64 levels deep"),
        (nested(2_000), "no complete JSON object"),
        ('{"calls": NaN}', "no complete JSON object"),
        ('{"thought": "\\ud83d", "calls": []}', "no complete JSON object"),
        ("{}", "The directive lacks calls."),
        ('{"calls": {}}', "/calls must be of type array."),
        ('{"calls": [], "tool": "x"}', "The directive must not have tool."),
        ('{"calls": [{"tool": "a"}]}', "/calls/0 lacks arguments, reason."),
        ('{"calls": [{"tool": "a", "arguments": "b", "reason": "c"}]}', "/calls/0/arguments must be of type object."),
        ('{"calls": [{"tool": "", "arguments": {}, "reason": "c"}]}', "/calls/0/tool must not be empty."),
        (json.dumps({"calls": [CALL] * 9}), "/calls has 9 items: at most 8."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, expected: str) -> None:
    assert any(expected in error for error in errors_of(text)), errors_of(text)


def test_errors_stay_short_whatever_the_model_wrote() -> None:
    text = json.dumps({"calls": [{"tool": 1, "arguments": "x" * 100_000, "y" * 100_000: 1}] * 8})
    assert sum(map(len, errors_of(text))) < 3_000


@given(st.text(), st.text())
def test_reading_never_raises_and_never_says_nothing(before: str, after: str) -> None:
    for text in (before, before + ONE + after, before + ONE[:-1] + after):
        assert read_directive(text) != ()


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    ),
    st.text(st.characters(blacklist_characters="{}[]\"'", blacklist_categories=["Cs"])),
)
def test_arguments_arrive_as_they_were_written(arguments: dict[str, object], prose: str) -> None:
    text = json.dumps({"calls": [{"tool": "t", "arguments": arguments, "reason": "r"}]})
    found = read_directive(f"{prose}\n```json\n{text}\n```\n{prose}")
    assert isinstance(found, Directive)
    assert found.calls[0].arguments == arguments


@pytest.mark.parametrize("text", ["{" * 200_000, '{"a":' * 100_000, '{"a":[1,' * 50_000, '{"' * 100_000])
def test_a_hostile_reply_does_not_stall_the_loop(text: str) -> None:
    """The bound is far above what it takes, and far below what trying every brace to the end takes."""
    assert timeit.timeit(lambda: read_directive(text), number=1) < 2


@settings(max_examples=500, deadline=None)
@given(NEARLY)
@example({"calls": [CALL] * 8})
@example({"calls": [CALL] * 9})
def test_a_glance_sees_exactly_what_the_schema_says(found: dict[str, object]) -> None:
    assert is_valid_at_a_glance(found) == Draft202012Validator(directive_schema()).is_valid(found)
