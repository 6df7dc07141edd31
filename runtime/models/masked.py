"""A model that is shown no secrets, and tells none."""

from collections.abc import AsyncIterator
from operator import is_

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.errors import ModelError
from runtime.masking import Chunks, Masker
from runtime.models.port import ChatMessage, Delta, Model, ModelReply, ModelRequest, Part, Role

_MOST_PROMPTS = 16


class MaskedModel(Struct, frozen=True, kw_only=True):
    """Every text is masked on its way to a model, and on its way back.

    But for what plans: a planner's words become calls, which are bound to exactly what was written; whatever is recorded
    or shown of them is masked there.
    """

    model: Model
    masker: Masker
    _prompts: dict[str, str] = field(default_factory=dict)

    @property
    def is_language_model(self) -> bool:
        return self.model.is_language_model

    async def complete(self, request: ModelRequest) -> ModelReply:
        try:
            reply = await self.model.complete(self._without_secrets(request))
        except ModelError as error:
            raise self._spoken(error) from None
        return reply if request.role is Role.ACTION else self._said(reply)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        text, reasoning = Chunks(self.masker), Chunks(self.masker)
        try:
            async for piece in self.model.stream(self._without_secrets(request)):
                match piece:
                    case Delta():
                        yield Delta(text=text.add(piece.text), reasoning=reasoning.add(piece.reasoning))
                    case ModelReply():
                        yield Delta(text=text.end(), reasoning=reasoning.end())
                        yield self._said(piece)
        except ModelError as error:
            raise self._spoken(error) from None

    def _without_secrets(self, request: ModelRequest) -> ModelRequest:
        messages = [self._masked(message) for message in request.messages]
        is_clean = all(map(is_, messages, request.messages))
        return request if is_clean else replace(request, messages=tuple(messages))

    def _masked(self, message: ChatMessage) -> ChatMessage:
        text = self._prompt(message.text) if message.part is Part.SYSTEM else self.masker.mask(message.text)
        if text is message.text:
            return message
        return ChatMessage(speaker=message.speaker, part=message.part, text=text, call=message.call)

    def _prompt(self, text: str) -> str:
        """Masked once: it is long, and the same for a minute."""
        masked = self._prompts.get(text)
        if masked is None:
            if len(self._prompts) >= _MOST_PROMPTS:
                self._prompts.clear()
            masked = self._prompts[text] = self.masker.mask(text)
        return masked

    def _said(self, reply: ModelReply) -> ModelReply:
        text, reasoning = self.masker.mask(reply.text), self.masker.mask(reply.reasoning)
        is_clean = text is reply.text and reasoning is reply.reasoning
        return reply if is_clean else replace(reply, text=text, reasoning=reasoning)

    def _spoken(self, error: ModelError) -> ModelError:
        """The same error in words without secrets: endpoints like to repeat the key that they refuse."""
        error.args = tuple(self.masker.mask(str(each)) for each in error.args)
        return error
