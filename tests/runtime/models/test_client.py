"""The model client against a real socket: what it sends, and what it makes of the answers."""

import logging
import subprocess
import sys
from collections.abc import Sequence

import httpx
import pytest

from runtime.errors import ModelRefused, SettingsError
from runtime.models.client import OpenAICompatibleModel, open_model
from runtime.models.endpoint import Endpoint
from runtime.models.port import Role
from runtime.records import Reasoning
from runtime.tls import trust
from tests.fakes.model import ScriptedEndpoint
from tests.fakes.replies import Refuse, Say
from tests.runtime.models.asking import KEY, SCHEMA, Waits, ask, asking, client, streamed


async def test_a_reply_comes_with_its_usage_and_its_thinking(way: str) -> None:
    async with ScriptedEndpoint([Say(text="Quack.", thinking="A duck?")]) as server, client(server) as model:
        reply = await ask(model, way)
    assert (reply.text, reply.reasoning, reply.model) == ("Quack.", "A duck?", "duck-1")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (120, 40)
    assert server.received[0].authorization == f"Bearer {KEY}"
    assert server.received[0].body["messages"] == [
        {"role": "system", "content": "You are Mallard."},
        {"role": "user", "content": "Quack?"},
    ]


@pytest.mark.parametrize(
    "said",
    [
        Say(text="Quack.", thinking="A duck?", thinking_in="reasoning"),
        Say(text="Quack.", thinking="A duck?", inline=True),
        Say(text="Quack.", thinking="A duck?", inline=True, piece=1),
        Say(text="Quack.", thinking="A duck?", inline=True, piece=1000),
    ],
)
async def test_thinking_is_told_from_the_answer_however_it_is_sent(said: Say, way: str) -> None:
    async with ScriptedEndpoint([said]) as server, client(server) as model:
        reply = await ask(model, way)
    assert (reply.text, reply.reasoning.strip()) == ("Quack.", "A duck?")


@pytest.mark.parametrize("piece", [1, 3, 8, 1000])
async def test_thinking_is_never_streamed_as_answer(piece: int) -> None:
    said = Say(text="See <b> & </think>?", thinking="Is 1 < 2?", inline=True, piece=piece)
    async with ScriptedEndpoint([said]) as server, client(server) as model:
        deltas, reply = await streamed(model, asking(Role.THINKER))
    assert "".join(delta.text for delta in deltas) == reply.text == "See <b> & </think>?"
    assert "".join(delta.reasoning for delta in deltas) == "Is 1 < 2?"


async def test_an_answer_is_streamed_as_it_comes() -> None:
    said = Say(text="Ducks dabble,\u2028and they quack. " * 5)
    async with ScriptedEndpoint([said]) as server, client(server) as model:
        deltas, reply = await streamed(model, asking(Role.THINKER))
    assert len(deltas) > 5
    assert "".join(delta.text for delta in deltas) == reply.text == said.text


async def test_a_schema_is_sent_where_the_server_takes_it() -> None:
    async with ScriptedEndpoint([Say(text="{}")]) as server, client(server) as model:
        await model.complete(asking(schema=True))
    sent = server.received[0].body
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
    assert sent["messages"][0]["content"] == "You are Mallard."


@pytest.mark.parametrize(
    ("refuses", "kind"),
    [(["json_schema"], "json_object"), (["json_schema", "json_object"], None), (["response_format"], None)],
)
async def test_a_server_without_schemas_is_told_in_words_and_remembered(
    refuses: Sequence[str], kind: str | None
) -> None:
    server = ScriptedEndpoint(lambda received: Say(text="{}"), refuses=refuses)
    waits = Waits()
    async with server, client(server, waits=waits) as model:
        await model.complete(asking(schema=True))
        asked = len(server.received)
        await model.complete(asking(Role.MEMORY, schema=True))
    assert len(server.received) == asked + 1
    sent = server.received[-1].body
    assert sent.get("response_format", {}).get("type") == kind
    assert '"required":["calls"]' in sent["messages"][0]["content"]
    assert waits.seconds == []


async def test_a_server_without_stream_options_streams_anyway() -> None:
    server = ScriptedEndpoint(lambda received: Say(text="Quack."), refuses=["stream_options"])
    async with server, client(server) as model:
        for _ in range(2):
            _, reply = await streamed(model, asking(Role.THINKER))
    assert (reply.text, reply.usage.prompt_tokens) == ("Quack.", 0)
    assert len(server.received) == 3


@pytest.mark.parametrize(
    ("asked", "set_to", "effort", "template"),
    [
        (Reasoning.AUTO, Reasoning.AUTO, None, None),
        (Reasoning.AUTO, Reasoning.OFF, "none", {"enable_thinking": False}),
        (Reasoning.ON, Reasoning.OFF, "medium", {"enable_thinking": True}),
        (Reasoning.OFF, Reasoning.ON, "none", {"enable_thinking": False}),
    ],
)
async def test_reasoning_is_asked_for_as_servers_understand_it(
    asked: Reasoning, set_to: Reasoning, effort: str | None, template: dict[str, bool] | None
) -> None:
    async with ScriptedEndpoint([Say(text="Quack.")]) as server, client(server, reasoning=set_to) as model:
        await model.complete(asking(reasoning=asked))
    sent = server.received[0].body
    assert (sent.get("reasoning_effort"), sent.get("chat_template_kwargs")) == (effort, template)


async def test_a_server_that_knows_no_reasoning_is_asked_without() -> None:
    server = ScriptedEndpoint(lambda received: Say(text="Quack."), refuses=["chat_template_kwargs", "reasoning_effort"])
    async with server, client(server) as model:
        assert (await model.complete(asking(reasoning=Reasoning.OFF))).text == "Quack."
    assert set(server.received[-1].body) == {"model", "messages", "stream"}


async def test_extra_parameters_have_the_last_word() -> None:
    extra = {"temperature": 0.1, "reasoning_effort": "high", "chat_template_kwargs": None}
    server = ScriptedEndpoint([Say(text="Quack.")])
    async with server, client(server, extra=extra, reasoning=Reasoning.ON) as model:
        await model.complete(asking())
    sent = server.received[0].body
    assert (sent["temperature"], sent["reasoning_effort"]) == (0.1, "high")
    assert "chat_template_kwargs" not in sent


async def test_each_role_has_its_own_endpoint() -> None:
    script = {"planner": [Say(text="plan")], "writer": [Say(text="words")]}
    async with ScriptedEndpoint(script) as server, httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        endpoints = {
            Role.ACTION: Endpoint(base_url=server.base_url + "/", model="planner"),
            Role.THINKER: Endpoint(base_url=server.base_url, model="writer", extra={"top_p": 0.5}),
        }
        model = OpenAICompatibleModel(endpoints, http)
        assert (await model.complete(asking(Role.ACTION))).text == "plan"
        assert (await model.complete(asking(Role.THINKER))).text == "words"
    assert [received.body.get("top_p") for received in server.received] == [None, 0.5]
    assert server.received[0].authorization == ""


async def test_calls_and_streams_give_their_connection_back() -> None:
    server = ScriptedEndpoint(lambda received: Say(text="Quack."))
    async with server, client(server) as model:
        for way in ("whole", "streamed") * 3:
            await ask(model, way)
    assert len({received.peer for received in server.received}) == 1


async def test_the_key_is_in_no_message_and_no_log(caplog: pytest.LogCaptureFixture, way: str) -> None:
    caplog.set_level(logging.DEBUG)
    script = [Refuse(status=500, message=f"bad {KEY}"), Refuse(status=401, message=f"Incorrect key {KEY}")]
    async with ScriptedEndpoint(script) as server, client(server) as model:
        with pytest.raises(ModelRefused) as raised:
            await ask(model, way)
    assert "Incorrect key …" in str(raised.value)
    assert KEY not in caplog.text
    assert "try 1 of 4" in caplog.text
    assert KEY not in repr(Endpoint(base_url="http://localhost/v1", model="m", api_key=KEY))


@pytest.mark.parametrize("key", ["two words", "line\nend", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_found_early(key: str) -> None:
    with pytest.raises(SettingsError, match="MALLARD_MODEL_API_KEY") as raised:
        Endpoint(base_url="http://localhost/v1", model="m", api_key=key)
    assert key not in str(raised.value)


@pytest.mark.parametrize("address", ["localhost:11434/v1", "ftp://localhost/v1", "http://[::1/v1"])
async def test_a_wrong_address_is_refused_with_the_setting(address: str, way: str) -> None:
    async with httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        model = OpenAICompatibleModel({Role.ACTION: Endpoint(base_url=address, model="m")}, http)
        with pytest.raises(ModelRefused, match="MALLARD_MODEL_BASE_URL"):
            await ask(model, way)


def test_a_secret_in_the_address_is_not_shown() -> None:
    shown = Endpoint(base_url="https://me:secret@example.org:8443/v1", model="m").shown
    assert shown == "m at https://example.org:8443/v1"


async def test_open_model_closes_its_connections() -> None:
    async with ScriptedEndpoint([Say(text="Quack.")]) as server:
        async with open_model({Role.ACTION: Endpoint(base_url=server.base_url, model="m")}) as model:
            assert (await model.complete(asking())).text == "Quack."
        with pytest.raises(RuntimeError, match="closed"):
            await model.complete(asking())


def test_importing_the_client_does_not_import_httpx() -> None:
    code = "import sys, runtime.models.client; sys.exit('httpx' in sys.modules or 'tenacity' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
