"""Planner, client and a socket together: whatever the model says, a plan or words come of it."""

from collections.abc import Sequence

import httpx
import pytest

from runtime.errors import ModelUnavailable
from runtime.models.client import OpenAICompatibleModel
from runtime.models.endpoint import Endpoint
from runtime.models.port import ChatMessage, Part, Role
from runtime.planner import JsonPlanner, Planned
from runtime.records import Reasoning
from runtime.tls import trust
from runtime.tools.defaults import default_tools
from runtime.tools.registry import Registry
from tests.fakes.model import ScriptedEndpoint
from tests.fakes.replies import Raw, Refuse, Reply, Say, Torn
from tests.fakes.scripted import call, directive

MESSAGES = (ChatMessage(speaker="user", part=Part.REQUEST, text="What does a.txt say?"),)
READ = Say(text=directive(call("read_file", path="a.txt")))


async def no_wait(seconds: float) -> None:
    assert seconds >= 0


async def plan(server: ScriptedEndpoint) -> Planned:
    async with server, httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        endpoints = {Role.ACTION: Endpoint(base_url=server.base_url, model="duck-1", timeout_s=10)}
        planner = JsonPlanner(OpenAICompatibleModel(endpoints, http, sleep=no_wait))
        return await planner.plan(MESSAGES, reasoning=Reasoning.AUTO, registry=Registry(default_tools()))


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("script", "requests"),
    [
        ([READ], 1),
        ([Refuse(status=429), Refuse(status=500), READ], 3),
        ([Torn(), Raw(body=b"{"), Say(text=""), READ], 4),
        ([Say(text="I would read it."), READ], 2),
        ([Say(text='{"calls": [{"tool": "read_file"'), READ], 2),
        ([Say(text=directive(call("fly"))), READ], 2),
        ([Say(text=directive(call("read_file", file="a.txt"))), READ], 2),
        ([Say(text=f"Here you are:\n```json\n{READ.text}\n```", thinking="hm", inline=True)], 1),
    ],
    ids=["good", "429 and 500", "torn, no JSON, empty", "prose", "half", "unknown tool", "arguments", "fenced"],
)
async def test_a_plan_comes_of_it(script: Sequence[Reply], requests: int) -> None:
    server = ScriptedEndpoint(script)
    planned = await plan(server)
    assert planned.directive
    assert [made.arguments for made in planned.directive.calls] == [{"path": "a.txt"}]
    assert len(server.received) == requests


@pytest.mark.promise(36)
async def test_a_model_that_never_learns_is_given_up_with_reasons() -> None:
    planned = await plan(ScriptedEndpoint([Say(text=directive(call("fly")))] * 2))
    assert planned.directive is None
    assert "There is no tool called 'fly'" in planned.errors[0]


@pytest.mark.promise(36)
async def test_a_model_that_is_gone_in_the_repair_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable, match="503") as raised:
        await plan(ScriptedEndpoint([Say(text="no"), *[Refuse(status=503)] * 4]))
    assert [fact.body.get("ok") for fact in raised.value.facts] == [None, True, None, None, None, False]


async def test_a_server_that_takes_no_schema_is_told_it_and_plans_too() -> None:
    server = ScriptedEndpoint([READ], refuses=["response_format"])
    assert (await plan(server)).directive
    assert '"maxItems":8' in server.received[-1].body["messages"][0]["content"]
