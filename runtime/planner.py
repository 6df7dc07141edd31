"""Planning: from the context to the next directive."""

import time
from typing import Protocol

from msgspec import Struct
from pydantic import BaseModel

from runtime.complaints import brief
from runtime.directive import Directive, directive_schema, read_directive
from runtime.errors import ModelError
from runtime.facts import (
    Fact,
    action_directive,
    action_directive_failed,
    cognition_response,
    model_call_failed,
    model_call_finished,
    model_call_started,
)
from runtime.models.port import ChatMessage, Model, ModelReply, ModelRequest, Role
from runtime.models.schemas import repair
from runtime.records import JsonObject, Reasoning, Usage
from runtime.showing import shortened


class ArgumentReader(Protocol):
    """What a planner needs of the tool registry."""

    def parse(self, name: str, arguments: JsonObject) -> BaseModel | tuple[str, ...]:
        """The arguments as the tool takes them, or what is wrong with them. An unknown tool is such an error."""
        ...


class Planned(Struct, frozen=True, kw_only=True):
    """What planning came to. `directive` is None where the model never wrote a usable one; `errors` says why.

    `facts` are to be committed whatever came of it. `usage` is that of all the model calls together.
    """

    directive: Directive | None
    errors: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    usage: Usage


class Planner(Protocol):
    async def plan(
        self, messages: tuple[ChatMessage, ...], *, reasoning: Reasoning, registry: ArgumentReader
    ) -> Planned:
        """The next directive, every call of it valid. Raises ModelUnavailable or ModelRefused; the error's
        `facts` are those of the calls that were made until then."""
        ...


class JsonPlanner:
    """Asks the action model for JSON and, where that cannot be used, once more with the errors."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def plan(
        self, messages: tuple[ChatMessage, ...], *, reasoning: Reasoning, registry: ArgumentReader
    ) -> Planned:
        facts: list[Fact] = []
        reply = await self._ask(messages, reasoning, facts)
        usage = reply.usage
        found = _read(reply.text, registry)
        if not isinstance(found, Directive):
            facts.append(action_directive_failed(found))
            reply = await self._ask((*messages, *repair(reply.text, found)), reasoning, facts)
            usage = _sum(usage, reply.usage)
            found = _read(reply.text, registry)
        if not isinstance(found, Directive):
            facts.append(action_directive_failed(found))
            return Planned(directive=None, errors=found, facts=tuple(facts), usage=usage)
        facts.append(action_directive(tuple(call.tool for call in found.calls)))
        return Planned(directive=found, facts=tuple(facts), usage=usage)

    async def _ask(self, messages: tuple[ChatMessage, ...], reasoning: Reasoning, facts: list[Fact]) -> ModelReply:
        request = ModelRequest(
            role=Role.ACTION,
            messages=messages,
            schema=directive_schema(),
            schema_name="directive",
            reasoning=reasoning,
        )
        started = time.monotonic()
        facts.append(model_call_started(Role.ACTION))
        try:
            reply = await self._model.complete(request)
        except ModelError as error:
            facts.append(model_call_failed(Role.ACTION, str(error), round((time.monotonic() - started) * 1000)))
            error.facts = tuple(facts)
            raise
        facts += (model_call_finished(Role.ACTION, reply), cognition_response(Role.ACTION, reply))
        return reply


def _read(text: str, registry: ArgumentReader) -> Directive | tuple[str, ...]:
    found = read_directive(text)
    if not isinstance(found, Directive):
        return found
    errors: list[str] = []
    for number, call in enumerate(found.calls):
        parsed = registry.parse(call.tool, call.arguments)
        if isinstance(parsed, tuple):
            errors += (f"/calls/{number} ({shortened(call.tool, 80)}): {error}" for error in parsed)
    return brief(errors) or found


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        latency_ms=one.latency_ms + other.latency_ms,
    )
