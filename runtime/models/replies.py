"""What an OpenAI-compatible server answers, whole or in pieces."""

from collections.abc import AsyncIterator
from typing import Any

import orjson

from runtime.models.faults import Passing
from runtime.models.port import Delta, ModelReply
from runtime.models.thinking import ThinkingSplitter, separate
from runtime.records import Usage


def read_reply(body: bytes, latency_ms: int) -> ModelReply:
    """A whole reply. Raises Passing for one that is empty or no reply at all."""
    try:
        found = orjson.loads(body)
        message = found["choices"][0]["message"]
        text = _text(message.get("content")) or message.get("refusal") or ""
        thought = _thought(message)
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        raise Passing("its answer was no chat completion") from None
    inline, answer = separate(text)
    return checked(
        ModelReply(
            text=answer,
            reasoning=thought or inline,
            model=str(found.get("model") or ""),
            usage=_usage(found.get("usage"), latency_ms),
        )
    )


def checked(reply: ModelReply) -> ModelReply:
    """The reply. Raises Passing where it says nothing."""
    if not reply.text.strip():
        raise Passing("its answer was empty")
    return reply


class StreamedReply:
    """A reply that is put together from the chunks of a stream."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._splitter = ThinkingSplitter()
        self._model = ""
        self._usage: Any = None
        self.ended = False

    def add(self, chunk: bytes) -> Delta:
        """What a chunk brings. Raises Passing for one that is an error or cannot be read."""
        try:
            found = orjson.loads(chunk)
            if found.get("error"):
                raise Passing(f"it broke off with an error: {orjson.dumps(found['error']).decode()[:200]}")
            self._model = found.get("model") or self._model
            self._usage = found.get("usage") or self._usage
            choices = found.get("choices")
            if not choices:
                return Delta()
            self.ended = self.ended or bool(choices[0].get("finish_reason"))
            delta = choices[0].get("delta") or {}
            text, thought = _text(delta.get("content")), _thought(delta)
        except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
            raise Passing("its stream held something that is no chat completion") from None
        self._text.append(text)
        piece = self._splitter.feed(text) if text else Delta()
        self._reasoning.append(thought)
        return Delta(text=piece.text, reasoning=thought + piece.reasoning)

    def finish(self) -> Delta:
        return self._splitter.finish()

    def whole(self, latency_ms: int) -> ModelReply:
        """All of it. Raises Passing where it says nothing."""
        inline, answer = separate("".join(self._text))
        reasoning = "".join(self._reasoning) or inline
        usage = _usage(self._usage, latency_ms)
        return checked(ModelReply(text=answer, reasoning=reasoning, model=self._model, usage=usage))


async def read_chunks(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The `data:` of a stream of server-sent events, without the mark of its end (which is yielded as b"")."""
    held = b""
    async for part in lines:
        *whole, held = (held + part).split(b"\n")
        for line in whole:
            if not line.startswith(b"data:"):
                continue
            content = line.removeprefix(b"data:").strip()
            yield b"" if content == b"[DONE]" else content


def _text(content: Any) -> str:
    """Content is a string, nothing, or a list of parts of which the text ones count."""
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content if part.get("type") == "text")
    return content or ""


def _thought(message: dict[str, Any]) -> str:
    thought = message.get("reasoning_content") or message.get("reasoning") or ""
    return thought if isinstance(thought, str) else ""


def _usage(found: Any, latency_ms: int) -> Usage:
    counted = found if isinstance(found, dict) else {}
    return Usage(
        prompt_tokens=int(counted.get("prompt_tokens") or 0),
        completion_tokens=int(counted.get("completion_tokens") or 0),
        latency_ms=latency_ms,
    )
