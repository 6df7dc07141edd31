"""The default where no language model is configured: a fixed command language behind the same port.

What it says depends on the request alone, so a process that starts again goes on with the same words.
"""

import re
from collections.abc import AsyncIterator

import orjson

from runtime.errors import ModelRefused
from runtime.models.fixed_words import NOT_RUN, NOTICE, not_understood, small_talk, what_came_of
from runtime.models.phrases import Command, understand
from runtime.models.port import EMBEDDED, ChatMessage, Delta, ModelReply, ModelRequest, Part, Role
from runtime.records import ToolCall, Usage

_PIECE = re.compile(r"(?s:.{1,200}(?:\s|\Z)|.{1,200})")
# The context puts attachments behind the person's words; a command is what the person wrote.
_ATTACHED = re.compile(r"\n\n\[?Attached file .+ \([^()\n]*, \d+ bytes\)")


class EmbeddedModel:
    """Plans and answers in fixed words. It never raises for `action` and `thinker`; other roles need a model."""

    is_language_model = False

    async def complete(self, request: ModelRequest) -> ModelReply:
        match request.role:
            case Role.ACTION:
                text = _directive(request)
            case Role.THINKER:
                text = _answer(request)
            case Role.MEMORY | Role.CRITIC:
                raise ModelRefused(f"The role {request.role} needs a language model. {NOTICE}")
        return ModelReply(text=text, model=EMBEDDED, usage=Usage())

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        reply = await self.complete(request)
        for piece in _PIECE.findall(reply.text):
            yield Delta(text=piece)
        yield reply


def _directive(request: ModelRequest) -> str:
    command = _command(request.messages)
    if command is None:
        return '{"calls":[]}'
    call = {"tool": command.tool, "arguments": command.arguments, "reason": command.reason}
    return orjson.dumps({"calls": [call]}).decode()


def _command(messages: tuple[ChatMessage, ...]) -> Command | None:
    """What to do next: what was asked for, then only what a person wrote instead of approving it."""
    observed = _observed(messages)
    return _instead(observed[-1]) if observed else understand(_request(messages))


def _instead(call: ToolCall) -> Command | None:
    """The command that a person wrote as the change that they want."""
    observation = call.observation
    if observation is None or observation.error != "changes_requested":
        return None
    return understand(str(observation.metadata.get("comment") or ""))


def _answer(request: ModelRequest) -> str:
    observed = _observed(request.messages)
    told = [what_came_of(call) for call in observed if not _instead(call)]
    if told:
        return "\n\n".join(told)
    said = _request(request.messages)
    if observed or understand(said):
        return f"{NOT_RUN}\n\n{NOTICE}"
    return small_talk(said) or not_understood()


def _request(messages: tuple[ChatMessage, ...]) -> str:
    text = next((message.text for message in reversed(messages) if message.part is Part.REQUEST), "")
    return _ATTACHED.split(text, maxsplit=1)[0]


def _observed(messages: tuple[ChatMessage, ...]) -> tuple[ToolCall, ...]:
    """The calls of this run that something came of: their observations stand behind the request."""
    parts = [message.part for message in messages]
    behind = len(parts) - parts[::-1].index(Part.REQUEST) if Part.REQUEST in parts else 0
    return tuple(each.call for each in messages[behind:] if each.part is Part.OBSERVATION and each.call)
