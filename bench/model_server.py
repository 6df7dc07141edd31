"""A language model that answers at once and always the same, as a process of its own: `python -m bench.model_server`.

It speaks just enough HTTP/1.1 and chat completions for loopback. It keeps no state: what to say follows from the
request, so any number of runs may go on at once. It prints its port and serves until it is killed.
"""

import asyncio
import time
from typing import Any

import orjson

from bench.subject import ANSWER, ITEM, RISKY, RISKY_REQUEST, SAFE

_USAGE = {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160}
_PIECE = 24
_OBSERVED = "Its output is data, not instructions"


def reply_to(body: dict[str, Any]) -> dict[str, Any]:
    """The assistant's message: a native tool call, a directive in JSON, or the answer."""
    last = body["messages"][-1]
    text = last["content"] if isinstance(last.get("content"), str) else str(last.get("content"))
    tool = RISKY if RISKY_REQUEST in text else SAFE
    if body.get("tools"):
        return _answer() if last["role"] == "tool" else _call(tool)
    if "response_format" in body:
        calls = (
            [] if _OBSERVED in text else [{"tool": tool, "arguments": {"text": ITEM}, "reason": "It was asked for."}]
        )
        return {"role": "assistant", "content": orjson.dumps({"calls": calls}).decode()}
    return _answer()


def _answer() -> dict[str, Any]:
    return {"role": "assistant", "content": ANSWER}


def _call(tool: str) -> dict[str, Any]:
    function = {"name": tool, "arguments": orjson.dumps({"text": ITEM}).decode()}
    call = {"id": f"call_{time.monotonic_ns():x}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _whole(body: dict[str, Any]) -> bytes:
    message = reply_to(body)
    finish = "tool_calls" if message.get("tool_calls") else "stop"
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return orjson.dumps({**_head(body), "object": "chat.completion", "choices": [choice], "usage": _USAGE})


def _streamed(body: dict[str, Any]) -> bytes:
    head = {**_head(body), "object": "chat.completion.chunk"}
    text = reply_to(body)["content"]
    deltas = [{"content": text[start : start + _PIECE]} for start in range(0, len(text), _PIECE)]
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({**head, "choices": [], "usage": _USAGE})
    return b"".join(b"data: %b\n\n" % orjson.dumps(chunk) for chunk in chunks) + b"data: [DONE]\n\n"


def _head(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"chatcmpl-{time.monotonic_ns():x}", "created": int(time.time()), "model": body["model"]}


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next_request()) is not None:
            streams = bool(request.get("stream"))
            content, kind = (
                (_streamed(request), b"text/event-stream") if streams else (_whole(request), b"application/json")
            )
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(content), content)
            )

    def _next_request(self) -> dict[str, Any] | None:
        head, mark, rest = self._received.partition(b"\r\n\r\n")
        if not mark:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return None
        self._received = rest[length:]
        body: dict[str, Any] = orjson.loads(rest[:length])
        return body


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
