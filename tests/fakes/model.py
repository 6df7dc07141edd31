"""A model endpoint on a loopback socket: OpenAI-compatible chat completions that go as badly as the script says."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiohttp import web
from msgspec import Struct

from tests.fakes.replies import Drip, Hang, Raw, Refuse, Reply, Say, Torn


class Received(Struct, frozen=True, kw_only=True):
    """A request. `authorization` is the header; requests over one connection have one `peer`."""

    body: dict[str, Any]
    authorization: str
    peer: str

    @property
    def model(self) -> str:
        return str(self.body["model"])


Script: TypeAlias = Sequence[Reply] | Mapping[str, Sequence[Reply]] | Callable[[Received], Reply]


class ScriptedEndpoint:
    """Replies in order, in order for each model's name, or as a function says. A script that ran out answers 418.

    `refuses` are fields (as `stream_options`) or types of response_format (as `json_schema`) answered with 400.
    """

    def __init__(self, script: Script, *, refuses: Sequence[str] = (), models: Sequence[str] = ("scripted",)) -> None:
        self._next = script if callable(script) else _in_order(script)
        self._refuses = tuple(refuses)
        self._models = tuple(models)
        self._called = asyncio.Condition()
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.received: list[Received] = []
        self.base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        if self._runner:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2].partition("/")[0])

    def release(self) -> None:
        """Let everything that hangs, now and later, be answered."""
        self._released.set()

    async def until_called(self, times: int) -> None:
        """Return once `times` requests were received."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.received) >= times)

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in self._models]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        received = Received(
            body=await request.json(),
            authorization=request.headers.get("Authorization", ""),
            peer=str(request.transport and request.transport.get_extra_info("peername")),
        )
        self.received.append(received)
        async with self._called:
            self._called.notify_all()
        wrong = _what_is_wrong(received.body, self._refuses)
        reply = Refuse(status=400, message=wrong) if wrong else self._next(received)
        if isinstance(reply, Hang):
            await self._released.wait()
            reply = reply.reply
        match reply:
            case Refuse():
                return _refusal(reply)
            case Raw():
                return web.Response(body=reply.body, content_type=reply.content_type)
            case Drip():
                return await _dripping(request, reply, self._released)
            case Torn():
                return await _torn(request, reply, received)
            case Say() if received.body.get("stream"):
                return await _streamed(request, reply, received)
            case Say():
                return web.json_response(_whole(reply, received.model))


def _in_order(script: Sequence[Reply] | Mapping[str, Sequence[Reply]]) -> Callable[[Received], Reply]:
    """The replies one after another; of a mapping, those for the model that is asked."""
    ran_out = Refuse(status=418, message="the script ran out")
    if isinstance(script, Mapping):
        left = {model: iter(replies) for model, replies in script.items()}
        return lambda received: next(left.get(received.model, iter(())), ran_out)
    replies = iter(script)
    return lambda received: next(replies, ran_out)


def _what_is_wrong(body: dict[str, Any], refuses: tuple[str, ...]) -> str:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "messages: at least one is needed"
    for message in messages:
        if message.get("role") not in {"system", "user", "assistant"}:
            return f"unknown role {message.get('role')!r}"
        if not isinstance(message.get("content"), str) or not message["content"]:
            return "a message needs content"
    for field_name in refuses:
        if field_name in body:
            return f"Unrecognized request argument supplied: {field_name}"
    kind = body.get("response_format", {}).get("type", "")
    return f"response_format type {kind} is not supported" if kind in refuses else ""


def _refusal(reply: Refuse) -> web.Response:
    headers = {} if reply.retry_after is None else {"Retry-After": reply.retry_after}
    body = reply.body if reply.body is not None else json.dumps({"error": {"message": reply.message, "type": "error"}})
    return web.Response(status=reply.status, text=body, headers=headers, content_type="application/json")


def _text(reply: Say) -> str:
    return f"<think>{reply.thinking}</think>\n\n{reply.text}" if reply.inline else reply.text


def _whole(reply: Say, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": _text(reply)}
    if reply.thinking and not reply.inline:
        message[reply.thinking_in] = reply.thinking
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    return body | {"usage": dict(reply.usage)} if reply.usage else body


def _chunk(delta: dict[str, Any], model: str, finish: str | None = None) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": model, "choices": choices}
    return f"data: {json.dumps(body)}\n\n".encode()


async def _open(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


async def _streamed(request: web.Request, reply: Say, received: Received) -> web.StreamResponse:
    response = await _open(request)
    await response.write(b": a comment keeps the line open\n\n")
    await response.write(_chunk({"role": "assistant", "content": ""}, received.model))
    if reply.thinking and not reply.inline:
        for start in range(0, len(reply.thinking), reply.piece):
            delta = {reply.thinking_in: reply.thinking[start : start + reply.piece]}
            await response.write(_chunk(delta, received.model))
    text = _text(reply)
    for start in range(0, len(text), reply.piece):
        await response.write(_chunk({"content": text[start : start + reply.piece]}, received.model))
    await response.write(_chunk({}, received.model, "stop"))
    if reply.usage and received.body.get("stream_options", {}).get("include_usage"):
        usage = {"object": "chat.completion.chunk", "model": received.model, "choices": [], "usage": dict(reply.usage)}
        await response.write(f"data: {json.dumps(usage)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def _dripping(request: web.Request, reply: Drip, released: asyncio.Event) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": reply.content_type})
    await response.prepare(request)
    while not released.is_set():
        await response.write(reply.part)
        with suppress(TimeoutError):
            await asyncio.wait_for(released.wait(), 0.005)
    return response


async def _torn(request: web.Request, reply: Torn, received: Received) -> web.StreamResponse:
    if received.body.get("stream"):
        response = await _open(request)
        if reply.text:
            await response.write(_chunk({"content": reply.text}, received.model))
    else:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices": [')
    if request.transport:
        request.transport.close()
    return response
