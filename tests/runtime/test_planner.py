"""What the planner makes of what the action model says."""

import json
from collections.abc import Sequence

import pytest
from pydantic import BaseModel, ConfigDict

from runtime.directive import Directive, RequestedCall
from runtime.errors import ModelRefused, ModelUnavailable
from runtime.facts import EventType, Fact
from runtime.models.port import ChatMessage, Part, Role
from runtime.planner import JsonPlanner, Planned
from runtime.records import JsonObject, Reasoning
from runtime.tools.defaults import default_tools
from runtime.tools.registry import Registry
from tests.fakes.scripted import USAGE, ScriptedModel, Spoken, call, directive

MESSAGES = (
    ChatMessage(speaker="system", part=Part.SYSTEM, text="Plan."),
    ChatMessage(speaker="user", part=Part.REQUEST, text="What does a.txt say?"),
)
READ = directive(call("read_file", path="a.txt"), thought="look")


class Path(BaseModel):
    model_config = ConfigDict(extra="forbid")
    path: str


class OneTool:
    """A registry that knows `read_file(path)`."""

    def parse(self, name: str, arguments: JsonObject) -> BaseModel | tuple[str, ...]:
        if name != "read_file":
            return (f"There is no tool called {name!r}.",)
        return Path(**arguments) if set(arguments) == {"path"} else ("path is needed.",)


def saying(*replies: Spoken) -> ScriptedModel:
    left = iter(replies)
    return ScriptedModel(lambda request: next(left))


async def planned(model: ScriptedModel, reasoning: Reasoning = Reasoning.AUTO) -> Planned:
    return await JsonPlanner(model).plan(MESSAGES, reasoning=reasoning, registry=OneTool())


def types(facts: Sequence[Fact]) -> list[EventType]:
    return [fact.type for fact in facts]


async def test_a_valid_directive_is_taken_at_once() -> None:
    model = saying(READ)
    found = await planned(model, Reasoning.ON)
    expected = RequestedCall(tool="read_file", arguments={"path": "a.txt"}, reason="It was asked for.")
    assert found.directive == Directive(thought="look", calls=(expected,))
    assert found.usage == USAGE
    assert types(found.facts) == [
        EventType.MODEL_CALL_STARTED,
        EventType.MODEL_CALL_FINISHED,
        EventType.COGNITION_RESPONSE,
        EventType.ACTION_DIRECTIVE,
    ]
    [request] = model.requests
    assert (request.role, request.messages, request.schema_name) == (Role.ACTION, MESSAGES, "directive")
    assert request.reasoning is Reasoning.ON
    assert request.schema is not None


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("I would read the file.", "no JSON object"),
        ("", "empty"),
        (READ[:-3], "breaks off"),
        ('{"calls": [{"tool": "read_file", "arguments": {}}]}', "/calls/0 lacks reason."),
        (directive(call("fly")), "/calls/0 (fly): There is no tool called 'fly'."),
        (directive(call("read_file", path="a"), call("read_file")), "/calls/1 (read_file): path is needed."),
    ],
    ids=["prose", "empty", "half", "schema", "unknown tool", "arguments"],
)
async def test_what_cannot_be_used_is_sent_back_once_with_the_errors(wrong: str, told: str) -> None:
    model = saying(wrong, READ)
    found = await planned(model)
    assert found.directive
    assert found.directive.calls[0].arguments == {"path": "a.txt"}
    said, repair = model.requests[1].messages[len(MESSAGES) :]
    assert (said.speaker, said.part) == ("assistant", Part.DIRECTIVE)
    assert wrong in said.text
    assert said.text
    assert (repair.speaker, repair.part) == ("user", Part.REPAIR)
    assert told in repair.text
    assert found.usage.prompt_tokens == 2 * USAGE.prompt_tokens
    assert types(found.facts).count(EventType.ACTION_DIRECTIVE_FAILED) == 1


LONG = "y" * 1_000_000
READ_TWICE = call("read_file", path="a.txt"), call("read_file", path="b.txt")


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("I would read " + "and read " * 100_000, "no JSON object"),
        (directive(call(LONG)), "The tools are: list_files"),
        (directive(call("read_file") | {"arguments": {LONG: 1}}), "`path` is missing"),
        (
            directive(call("read_file") | {"arguments": dict.fromkeys(map(str, range(10_000)))}),
            "More is wrong than this.",
        ),
        (directive(*[call("read_file") | {"arguments": {LONG[:9_999]: 1}}] * 8), "/calls/0 (read_file)"),
        (directive(call("read_file", path=[LONG])), "`path` is wrong"),
        (json.dumps({"calls": [{LONG: 1}] * 2}), "/calls/0 lacks tool, arguments, reason."),
    ],
    ids=["prose", "tool", "field", "fields", "calls", "value", "schema"],
)
async def test_of_what_is_long_and_cannot_be_used_a_part_is_sent_back_and_said_to_be_one(wrong: str, told: str) -> None:
    model = saying(wrong, directive(*READ_TWICE))
    found = await JsonPlanner(model).plan(MESSAGES, reasoning=Reasoning.AUTO, registry=Registry(default_tools()))
    assert found.directive
    said, repair = model.requests[1].messages[len(MESSAGES) :]
    assert said.text.startswith(wrong[:1_000])
    assert said.text.endswith(wrong[-1_000:])
    assert "characters left out" in said.text
    assert "write it whole" in repair.text
    assert told in repair.text
    assert len(said.text) + len(repair.text) < 15_000
    failed = next(fact for fact in found.facts if fact.type is EventType.ACTION_DIRECTIVE_FAILED)
    assert len(json.dumps(failed.body)) < 7_000


async def test_what_is_short_is_sent_back_as_it_was() -> None:
    wrong = directive(call("fly", reason="quack " * 1_000))
    model = saying(wrong, READ)
    await planned(model)
    said, repair = model.requests[1].messages[len(MESSAGES) :]
    assert said.text == wrong
    assert "whole" not in repair.text


@pytest.mark.promise(36)
async def test_after_one_repair_it_gives_up_and_says_why() -> None:
    model = saying("no", "still no", READ)
    found = await planned(model)
    assert found.directive is None
    assert found.errors == ("The reply has no JSON object: write one JSON object and nothing else.",)
    assert len(model.requests) == 2
    assert types(found.facts)[-1] is EventType.ACTION_DIRECTIVE_FAILED


@pytest.mark.parametrize("error", [ModelUnavailable("away"), ModelRefused("bad key")])
async def test_a_models_failure_passes_through_with_the_facts_until_then(
    error: ModelUnavailable | ModelRefused,
) -> None:
    with pytest.raises(type(error)) as raised:
        await planned(saying("no", error))
    assert types(raised.value.facts) == [
        EventType.MODEL_CALL_STARTED,
        EventType.MODEL_CALL_FINISHED,
        EventType.COGNITION_RESPONSE,
        EventType.ACTION_DIRECTIVE_FAILED,
        EventType.MODEL_CALL_STARTED,
        EventType.MODEL_CALL_FINISHED,
    ]
    assert raised.value.facts[-1].body["ok"] is False


async def test_no_calls_is_a_plan_too() -> None:
    found = await planned(saying(directive()))
    assert found.directive == Directive()
