"""A model request as an OpenAI-compatible server takes it."""

from typing import Any

import orjson

from runtime.models.endpoint import Endpoint, Learned
from runtime.models.port import ChatMessage, ModelRequest
from runtime.records import JsonObject, Reasoning
from runtime.storable import utf8


def request_body(request: ModelRequest, endpoint: Endpoint, learned: Learned, *, stream: bool) -> dict[str, Any]:
    """The JSON body. What the server was found not to take is left out; a schema it cannot hold is told in words."""
    body: dict[str, Any] = {"model": endpoint.model, "stream": stream}
    messages = _merged(request.messages)
    if request.schema is not None:
        kind = learned.formats[0] if learned.formats else ""
        if kind == "json_schema":
            described = {"name": request.schema_name or "reply", "schema": dict(request.schema), "strict": False}
            body["response_format"] = {"type": kind, kind: described}
        else:
            messages = _with_schema(messages, request.schema)
            if kind:
                body["response_format"] = {"type": kind}
    if stream:
        body["stream_options"] = {"include_usage": True}
    body |= _reasoning(request.reasoning, endpoint)
    for name in learned.left_out:
        body.pop(name, None)
    body["messages"] = messages
    body |= endpoint.extra
    return {name: value for name, value in body.items() if value is not None}


def _reasoning(asked: Reasoning, endpoint: Endpoint) -> JsonObject:
    match endpoint.reasoning if asked is Reasoning.AUTO else asked:
        case Reasoning.ON:
            return endpoint.think
        case Reasoning.OFF:
            return endpoint.do_not_think
        case Reasoning.AUTO:
            return {}


def _merged(messages: tuple[ChatMessage, ...]) -> list[dict[str, str]]:
    """One message where one speaker has several in a row: many chat templates insist on turns."""
    merged: list[dict[str, str]] = []
    for message in messages:
        text = utf8(message.text)
        if not text:
            continue
        if merged and merged[-1]["role"] == message.speaker:
            merged[-1]["content"] += f"\n\n{text}"
        else:
            merged.append({"role": message.speaker, "content": text})
    return merged


def _with_schema(messages: list[dict[str, str]], schema: JsonObject) -> list[dict[str, str]]:
    written = orjson.dumps(dict(schema)).decode()
    words = f"Reply with one JSON object and nothing else. It must be valid against this JSON Schema:\n{written}"
    if messages and messages[0]["role"] == "system":
        first = {"role": "system", "content": f"{messages[0]['content']}\n\n{words}"}
        return [first, *messages[1:]]
    return [{"role": "system", "content": words}, *messages]
