"""The model client against a real socket: what it sends, what it makes of the answers, and that nothing hangs."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from runtime.errors import ModelRefused, ModelUnavailable, SettingsError
from runtime.models.client import OpenAICompatibleModel, open_model
from runtime.models.endpoint import Endpoint
from runtime.models.port import ChatMessage, Delta, ModelReply, ModelRequest, Part, Role
from runtime.records import Reasoning
from tests.fakes.model import Drip, Hang, Raw, Refuse, Say, ScriptedEndpoint, Torn

KEY = "sk-very-secret-0123456789"
SCHEMA = {"type": "object", "properties": {"calls": {"type": "array"}}, "required": ["calls"]}


def asking(role: Role = Role.ACTION, *, schema: bool = False, reasoning: Reasoning = Reasoning.AUTO) -> ModelRequest:
    return ModelRequest(
        role=role,
        messages=(
            ChatMessage(speaker="system", part=Part.SYSTEM, text="You are Mallard."),
            ChatMessage(speaker="user", part=Part.REQUEST, text="Quack?"),
        ),
        schema=SCHEMA if schema else None,
        schema_name="directive",
        reasoning=reasoning,
    )


class Waits:
    """A sleep that takes no time and says how long it was."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@asynccontextmanager
async def client(
    server: ScriptedEndpoint, *, waits: Waits | None = None, **settings: Any
) -> AsyncIterator[OpenAICompatibleModel]:
    chosen: dict[str, Any] = {"base_url": server.base_url, "model": "duck-1", "api_key": KEY, "timeout_s": 20.0}
    chosen.update(settings)
    endpoint = Endpoint(**chosen)
    async with httpx.AsyncClient(trust_env=False) as http:
        yield OpenAICompatibleModel(dict.fromkeys(Role, endpoint), http, sleep=waits or Waits())


async def streamed(model: OpenAICompatibleModel, request: ModelRequest) -> tuple[list[Delta], ModelReply]:
    *deltas, reply = [piece async for piece in model.stream(request)]
    assert isinstance(reply, ModelReply)
    return [delta for delta in deltas if isinstance(delta, Delta)], reply


@pytest.fixture(params=["whole", "streamed"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def ask(model: OpenAICompatibleModel, way: str, request: ModelRequest | None = None) -> ModelReply:
    request = request or asking()
    return await model.complete(request) if way == "whole" else (await streamed(model, request))[1]


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
    async with ScriptedEndpoint(script) as server, httpx.AsyncClient(trust_env=False) as http:
        endpoints = {
            Role.ACTION: Endpoint(base_url=server.base_url + "/", model="planner"),
            Role.THINKER: Endpoint(base_url=server.base_url, model="writer", extra={"top_p": 0.5}),
        }
        model = OpenAICompatibleModel(endpoints, http)
        assert (await model.complete(asking(Role.ACTION))).text == "plan"
        assert (await model.complete(asking(Role.THINKER))).text == "words"
    assert [received.body.get("top_p") for received in server.received] == [None, 0.5]
    assert server.received[0].authorization == ""


BROKEN_JSON = Raw(body=b'{"choices": [{"mess')
NO_COMPLETION = Raw(body=b"<html>Welcome to the Wi-Fi</html>", content_type="text/html")
EMPTY = Say(text="")
ONLY_THINKING = Say(text=" \n", thinking="hm")


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    "fault",
    [
        *(Refuse(status=status) for status in (408, 429, 500, 502, 503, 504, 529)),
        Torn(),
        BROKEN_JSON,
        NO_COMPLETION,
        Raw(body=b"[]"),
        EMPTY,
    ],
    ids=lambda fault: f"{type(fault).__name__} {getattr(fault, 'status', '')}",
)
async def test_what_may_pass_is_tried_again(fault: Refuse | Torn | Raw | Say, way: str) -> None:
    waits = Waits()
    server = ScriptedEndpoint([fault, fault, fault, Say(text="Quack.")])
    async with server, client(server, waits=waits) as model:
        assert (await ask(model, way)).text == "Quack."
    assert len(waits.seconds) == 3
    assert all(0.1 < seconds < 10 for seconds in waits.seconds)


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Refuse(status=429, message="slow down"), "it answered 429: slow down"),
        (Refuse(status=500, body="<html>oops</html>"), "it answered 500."),
        (Torn(), "broke"),
        (EMPTY, "its answer was empty"),
    ],
)
async def test_after_four_tries_it_says_so(fault: Refuse | Torn | Say, words: str, way: str) -> None:
    server = ScriptedEndpoint([fault] * 5)
    async with server, client(server) as model:
        with pytest.raises(ModelUnavailable) as raised:
            await ask(model, way)
    assert len(server.received) == 4
    assert words in str(raised.value)
    assert str(raised.value).startswith(f"duck-1 at {server.base_url} gave no answer in 4 tries: ")


async def test_a_reply_that_is_only_thinking_is_no_answer(way: str) -> None:
    async with ScriptedEndpoint([ONLY_THINKING] * 4) as server, client(server) as model:
        with pytest.raises(ModelUnavailable, match="empty"):
            await ask(model, way)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        ("3600", 60, 60),
        (format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), 60, 60),
        (format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True), 0, 0),
        ("soon", 0.1, 10),
        ("nan", 0.1, 10),
        ("-5", 0, 0),
    ],
    ids=["seconds", "none", "an hour", "tomorrow", "yesterday", "words", "nan", "negative"],
)
async def test_it_waits_as_long_as_the_server_asks_but_a_minute_at_most(
    header: str, least: float, most: float, way: str
) -> None:
    waits = Waits()
    server = ScriptedEndpoint([Refuse(status=429, retry_after=header), Say(text="Quack.")])
    async with server, client(server, waits=waits) as model:
        await ask(model, way)
    [seconds] = waits.seconds
    assert least <= seconds <= most


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "MALLARD_MODEL_API_KEY"),
        (402, "paid"),
        (403, "MALLARD_MODEL_API_KEY"),
        (404, "MALLARD_MODEL_NAME"),
        (400, "MALLARD_MODEL_NAME"),
        (413, "larger context"),
        (307, "MALLARD_MODEL_BASE_URL"),
    ],
)
async def test_what_will_not_pass_is_refused_at_once_and_says_what_to_change(status: int, words: str, way: str) -> None:
    server = ScriptedEndpoint([Refuse(status=status, message="no such thing")])
    async with server, client(server) as model:
        with pytest.raises(ModelRefused) as raised:
            await ask(model, way)
    assert len(server.received) == 1
    assert words in str(raised.value)


async def test_an_empty_account_is_not_tried_again() -> None:
    body = '{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'
    async with ScriptedEndpoint([Refuse(status=429, body=body)]) as server, client(server) as model:
        with pytest.raises(ModelRefused, match="no credit left"):
            await model.complete(asking())


@pytest.mark.promise(36)
async def test_a_model_that_says_nothing_is_given_up(way: str) -> None:
    server = ScriptedEndpoint([Hang()] * 4)
    async with server, client(server, timeout_s=0.05) as model:
        with pytest.raises(ModelUnavailable, match=r"too long|longer than 0\.05 seconds"):
            await ask(model, way)
        assert len(server.received) == 4


@pytest.mark.promise(36)
async def test_a_server_that_is_not_there_is_unavailable(way: str) -> None:
    async with ScriptedEndpoint([]) as gone:
        pass
    async with client(gone) as model:
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            await ask(model, way)


@pytest.mark.promise(36)
async def test_half_a_stream_is_no_answer() -> None:
    server = ScriptedEndpoint([Torn(text="Half of "), Say(text="Quack.")])
    async with server, client(server) as model:
        pieces = model.stream(asking(Role.THINKER))
        assert await anext(pieces) == Delta(text="Half of ")
        with pytest.raises(ModelUnavailable, match="stopped in the middle"):
            await anext(pieces)
    assert len(server.received) == 1


async def test_an_error_inside_a_stream_is_no_answer() -> None:
    sent = b'data: {"choices": [{"delta": {"content": "Ha"}}]}\n\ndata: {"error": {"message": "overloaded"}}\n\n'
    server = ScriptedEndpoint([Raw(body=sent, content_type="text/event-stream")])
    async with server, client(server) as model:
        with pytest.raises(ModelUnavailable, match="overloaded"):
            await streamed(model, asking())


async def test_a_stream_that_ends_without_an_end_is_no_answer() -> None:
    sent = b'data: {"choices": [{"delta": {"content": "Ha"}}]}\n\n'
    server = ScriptedEndpoint([Raw(body=sent, content_type="text/event-stream")])
    async with server, client(server) as model:
        with pytest.raises(ModelUnavailable, match="broke off"):
            await streamed(model, asking())


async def test_a_cancelled_call_is_gone_at_once(way: str) -> None:
    server = ScriptedEndpoint([Hang()])
    async with server, client(server) as model:
        call = asyncio.create_task(ask(model, way))
        await server.until_called(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.mark.promise(36)
async def test_a_model_that_drips_without_an_end_is_given_up(way: str) -> None:
    drip = Drip(part=b" ") if way == "whole" else Drip(part=b": still here\n\n", content_type="text/event-stream")
    server = ScriptedEndpoint([drip] * 4)
    async with server, client(server, timeout_s=0.1) as model:
        with pytest.raises(ModelUnavailable, match=r"0\.1 seconds"):
            await ask(model, way)


async def test_calls_and_streams_give_their_connection_back() -> None:
    server = ScriptedEndpoint(lambda received: Say(text="Quack."))
    async with server, client(server) as model:
        for way in ("whole", "streamed") * 3:
            await ask(model, way)
    assert len({received.peer for received in server.received}) == 1


async def test_what_failed_gives_its_connection_up(way: str) -> None:
    stream_of_nothing = Raw(body=b'data: {"choices": []}\n\n', content_type="text/event-stream")
    server = ScriptedEndpoint([Torn(), EMPTY, stream_of_nothing, Say(text="Quack.")])
    async with server, httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as http:
        endpoints = {Role.ACTION: Endpoint(base_url=server.base_url, model="m", timeout_s=20)}
        async with asyncio.timeout(5):
            assert (await ask(OpenAICompatibleModel(endpoints, http, sleep=Waits()), way)).text == "Quack."


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
    async with httpx.AsyncClient(trust_env=False) as http:
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
