"""The default where no language model is configured: a fixed command language behind the same port.

What it says depends on the request alone, so a process that starts again goes on with the same words.
"""

import re
from collections.abc import AsyncIterator

import orjson

from runtime.errors import ModelRefused
from runtime.models.fixed_words import NOT_RUN, NOTICE, SAME_AGAIN, not_understood, small_talk, what_came_of
from runtime.models.phrases import Command, understand
from runtime.models.port import EMBEDDED, ChatMessage, Delta, ModelReply, ModelRequest, Part, Role
from runtime.records import ToolCall, Usage
from runtime.transcript import wants_change

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
    """What to do next: what was asked for, then only what a person wants instead of it."""
    observed = _observed(messages)
    if not observed:
        return understand(_request(messages))
    changed = _left_to_change(observed)
    return None if changed is None else _written_instead(changed) or _again(changed)


def _left_to_change(observed: tuple[ToolCall, ...]) -> ToolCall | None:
    """The call that a person wanted changed, as long as nothing was proposed in its place."""
    newest = next((call for call in reversed(observed) if not _was_left_out(call)), None)
    return newest if newest is not None and wants_change(newest) else None


def _was_left_out(call: ToolCall) -> bool:
    return call.observation is not None and call.observation.error == "not_run"


def _written_instead(call: ToolCall) -> Command | None:
    """The command that a person wrote as the change that they want."""
    return understand(str(call.observation.metadata.get("comment") or "")) if call.observation else None


def _again(call: ToolCall) -> Command:
    """The same call, which says that it is: nobody is taken to have agreed to it, and nobody has to write it anew."""
    return Command(tool=call.tool, arguments=call.arguments, reason=SAME_AGAIN)


def _answer(request: ModelRequest) -> str:
    observed = _observed(request.messages)
    left = _left_to_change(observed)
    told = [
        what_came_of(call)
        for call in observed
        if not wants_change(call) or (call is left and not _written_instead(call))
    ]
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
