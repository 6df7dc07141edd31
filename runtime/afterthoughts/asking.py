"""Asking a model for an afterthought: once, and where its answer cannot be used, once more with what is wrong with it."""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct

from runtime.afterthoughts.records import NoThought
from runtime.errors import ModelError
from runtime.facts import Fact, model_call_failed, model_call_finished, model_call_started
from runtime.memory.records import MemoryId
from runtime.models.port import ChatMessage, Model, ModelReply, ModelRequest, Role
from runtime.models.schemas import Schema, repair

Check: TypeAlias = Callable[[dict[str, Any]], tuple[str, ...]]


class Answered(Struct, frozen=True, kw_only=True):
    """`facts` are those of the calls: what was said is not among them, since it would outlive what is forgotten of it."""

    found: dict[str, Any]
    facts: tuple[Fact, ...]


async def ask_for(
    model: Model,
    role: Role,
    schema: Schema,
    messages: tuple[ChatMessage, ...],
    check: Check = lambda found: (),
    *,
    shown: tuple[MemoryId, ...] = (),
) -> Answered | NoThought:
    """An object of the schema that `check` finds nothing wrong with. `shown` are the memories in the messages. Raises
    ModelError, its `facts` those of the calls."""
    try:
        return await _ask_for(model, role, schema, messages, check, shown)
    except ModelError as error:
        error.shown = shown
        raise


async def _ask_for(
    model: Model,
    role: Role,
    schema: Schema,
    messages: tuple[ChatMessage, ...],
    check: Check,
    shown: tuple[MemoryId, ...],
) -> Answered | NoThought:
    request = ModelRequest(role=role, messages=messages, schema=schema.json, schema_name=schema.name)
    reply, facts = await ask(model, request)
    found = _read(reply.text, schema, check)
    if isinstance(found, tuple):
        asked_again = ModelRequest(
            role=role,
            messages=(*messages, *repair(reply.text, found)),
            schema=schema.json,
            schema_name=schema.name,
        )
        reply, facts = await ask(model, asked_again, facts)
        found = _read(reply.text, schema, check)
    if isinstance(found, tuple):
        return NoThought(why="the model's answer could not be used: " + " ".join(found), facts=facts, shown=shown)
    return Answered(found=found, facts=facts)


async def ask(
    model: Model, request: ModelRequest, before: tuple[Fact, ...] = ()
) -> tuple[ModelReply, tuple[Fact, ...]]:
    """The reply, and the facts of this call behind those `before`. Raises ModelError with the same."""
    started = time.monotonic()
    facts = (*before, model_call_started(request.role))
    try:
        reply = await model.complete(request)
    except ModelError as error:
        latency = round((time.monotonic() - started) * 1000)
        error.facts = (*facts, model_call_failed(request.role, str(error), latency))
        raise
    return reply, (*facts, model_call_finished(request.role, reply))


def _read(text: str, schema: Schema, check: Check) -> dict[str, Any] | tuple[str, ...]:
    found = schema.read(text)
    return found if isinstance(found, tuple) else check(found) or found
