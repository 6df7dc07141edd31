"""What the runtime asks of a language model."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from runtime.records import JsonObject, Reasoning, ToolCall, Usage

EMBEDDED = "embedded"
"""What the default without a language model calls itself in its replies: nobody shall take it for one."""


class Role(StrEnum):
    """What a model is used for. Each role may have its own model, endpoint and reasoning mode."""

    ACTION = "action"
    THINKER = "thinker"
    MEMORY = "memory"
    CRITIC = "critic"


class Part(StrEnum):
    """What a message of the context is. A chat endpoint never sees it; the embedded default reads it."""

    SYSTEM = "system"
    MEMORY = "memory"
    HISTORY = "history"
    REQUEST = "request"
    DIRECTIVE = "directive"
    OBSERVATION = "observation"
    NOTE = "note"
    REPAIR = "repair"


class ChatMessage(Struct, frozen=True, kw_only=True):
    """`speaker` is `system`, `user` or `assistant`. `call` is the call that an observation belongs to."""

    speaker: str
    part: Part
    text: str
    call: ToolCall | None = None


class ModelRequest(Struct, frozen=True, kw_only=True):
    """`schema` asks for one JSON value of that JSON Schema. `reasoning` AUTO leaves the endpoint's default."""

    role: Role
    messages: tuple[ChatMessage, ...]
    schema: JsonObject | None = None
    schema_name: str = ""
    reasoning: Reasoning = Reasoning.AUTO


class ModelReply(Struct, frozen=True, kw_only=True):
    """`reasoning` is what the model thought aloud (`reasoning_content`), never shown as the answer."""

    text: str
    reasoning: str = ""
    model: str
    usage: Usage


class Delta(Struct, frozen=True, kw_only=True):
    """A piece of a streamed reply."""

    text: str = ""
    reasoning: str = ""


class Model(Protocol):
    """Both raise ModelUnavailable (it may work later) or ModelRefused (it will not), and nothing else."""

    @property
    def is_language_model(self) -> bool:
        """False for the embedded default, which understands a fixed command language only."""
        ...

    async def complete(self, request: ModelRequest) -> ModelReply: ...

    def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        """Pieces as they come, then, last and once, the whole reply. A stream that broke off raises ModelUnavailable."""
        ...
