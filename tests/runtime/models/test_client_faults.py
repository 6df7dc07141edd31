"""What goes wrong between the client and a model: what is tried again, what is refused, and that nothing hangs."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from runtime.errors import ModelRefused, ModelUnavailable
from runtime.models.client import OpenAICompatibleModel
from runtime.models.endpoint import Endpoint
from runtime.models.port import Delta, Role
from runtime.tls import trust
from tests.fakes.model import ScriptedEndpoint
from tests.fakes.replies import Drip, Hang, Raw, Refuse, Say, Torn
from tests.runtime.models.asking import Waits, ask, asking, client, streamed

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
        (Refuse(status=500, body="[" * 600 + "]" * 600), "it answered 500."),
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
        ("60", 60, 60),
        (format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True), 0, 0),
        ("soon", 0.1, 10),
        ("nan", 0.1, 10),
        ("-5", 0, 0),
    ],
    ids=["seconds", "none", "a minute", "yesterday", "words", "nan", "negative"],
)
async def test_it_waits_as_long_as_the_server_asks_if_that_is_no_more_than_a_minute(
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
    ("header", "least", "most"),
    [
        ("61", 61, 61),
        ("300", 300, 300),
        ("86400", 3_600, 3_600),
        ("inf", 3_600, 3_600),
        (format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True), 1_500, 1_800),
        (format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), 3_600, 3_600),
    ],
    ids=["a minute and more", "five minutes", "a day", "for ever", "in half an hour", "tomorrow"],
)
async def test_a_longer_wait_is_handed_on_at_once_and_is_an_hour_at_most(
    header: str, least: float, most: float, way: str
) -> None:
    waits = Waits()
    server = ScriptedEndpoint([Refuse(status=500), Refuse(status=429, message="slow down", retry_after=header)])
    async with server, client(server, waits=waits) as model:
        with pytest.raises(ModelUnavailable, match="it answered 429: slow down") as raised:
            await ask(model, way)
    assert (len(server.received), len(waits.seconds)) == (2, 1)
    assert raised.value.retry_after is not None
    assert least <= raised.value.retry_after <= most


async def test_the_last_try_hands_on_what_the_server_asked_for(way: str) -> None:
    server = ScriptedEndpoint([Refuse(status=503, retry_after="40")] * 4)
    async with server, client(server) as model:
        with pytest.raises(ModelUnavailable, match="in 4 tries") as raised:
            await ask(model, way)
    assert raised.value.retry_after == 40


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
    async with server, client(server, timeout_s=0.3) as model:
        with pytest.raises(ModelUnavailable, match=r"too long|longer than 0\.3 seconds"):
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


async def test_what_failed_gives_its_connection_up(way: str) -> None:
    stream_of_nothing = Raw(body=b'data: {"choices": []}\n\n', content_type="text/event-stream")
    server = ScriptedEndpoint([Torn(), EMPTY, stream_of_nothing, Say(text="Quack.")])
    async with (
        server,
        httpx.AsyncClient(verify=trust(), trust_env=False, limits=httpx.Limits(max_connections=1)) as http,
    ):
        endpoints = {Role.ACTION: Endpoint(base_url=server.base_url, model="m", timeout_s=20)}
        async with asyncio.timeout(5):
            assert (await ask(OpenAICompatibleModel(endpoints, http, sleep=Waits()), way)).text == "Quack."
