"""Asking a scripted endpoint through the real client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from runtime.models.client import OpenAICompatibleModel
from runtime.models.endpoint import Endpoint
from runtime.models.port import ChatMessage, Delta, ModelReply, ModelRequest, Part, Role
from runtime.records import Reasoning
from runtime.tls import trust
from tests.fakes.model import ScriptedEndpoint

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
    async with httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        yield OpenAICompatibleModel(dict.fromkeys(Role, endpoint), http, sleep=waits or Waits())


async def streamed(model: OpenAICompatibleModel, request: ModelRequest) -> tuple[list[Delta], ModelReply]:
    *deltas, reply = [piece async for piece in model.stream(request)]
    assert isinstance(reply, ModelReply)
    return [delta for delta in deltas if isinstance(delta, Delta)], reply


async def ask(model: OpenAICompatibleModel, way: str, request: ModelRequest | None = None) -> ModelReply:
    request = request or asking()
    return await model.complete(request) if way == "whole" else (await streamed(model, request))[1]
