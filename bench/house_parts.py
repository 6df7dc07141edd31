"""The small things around Mallard's core while it is measured: a model, two tools, a platform that shows nothing."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from pydantic import Field

from bench.subject import ANSWER, ITEM, RISKY, RISKY_REQUEST, SAFE, act
from runtime.contents import Content
from runtime.door import Door
from runtime.models.port import Delta, ModelReply, ModelRequest, Part, Role
from runtime.ports import Limits, OnPosted, Seen, StreamRequest
from runtime.records import (
    Attachment,
    ConversationRef,
    Effect,
    IncomingMessage,
    MessageRef,
    Observation,
    Risk,
    Usage,
    UserRef,
    Workspace,
)
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments

PLATFORM = "bench"
_USAGE = Usage(prompt_tokens=120, completion_tokens=40, latency_ms=0)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ImmediateModel:
    """Answers at once, and always the same: one tool call, then the answer."""

    is_language_model = True

    async def complete(self, request: ModelRequest) -> ModelReply:
        return ModelReply(text=_words(request), model="immediate", usage=_USAGE)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        reply = await self.complete(request)
        for start in range(0, len(reply.text), 24):
            yield Delta(text=reply.text[start : start + 24])
        yield reply


def _words(request: ModelRequest) -> str:
    if request.role is not Role.ACTION:
        return ANSWER
    last = request.messages[-1]
    if last.part is Part.OBSERVATION:
        return _NOTHING_MORE
    return _CALLS[RISKY if last.text == RISKY_REQUEST else SAFE]


_NOTHING_MORE = json.dumps({"calls": []})
_CALLS = {
    tool: json.dumps({"calls": [{"tool": tool, "arguments": {"text": ITEM}, "reason": "It was asked for."}]})
    for tool in (SAFE, RISKY)
}


class Words(ToolArguments):
    text: str = Field(max_length=1000, description="What it is about.")


class BenchTool:
    """One of the two tools that every subject has."""

    version = "1"
    arguments = Words
    timeout = 30.0
    output_cap = 1000

    def __init__(self, name: str, description: str, effect: Effect, risk: Risk) -> None:
        self.name, self.description, self.effect, self._risk = name, description, effect, risk

    async def assess(self, arguments: Words, workspace: Workspace) -> Assessment:
        return Assessment(risk=self._risk, why_asked="" if self._risk is Risk.NONE else "It cannot be undone.")

    async def run(self, arguments: Words, scope: ToolScope) -> Observation:
        return Observation(ok=True, text=await act(arguments.text))


def bench_tools() -> tuple[BenchTool, BenchTool]:
    return (
        BenchTool(SAFE, "Store a note.", Effect.NONE, Risk.NONE),
        BenchTool(RISKY, "Send money to somebody.", Effect.EXTERNAL, Risk.MEDIUM),
    )


class QuietPlatform:
    """A chat platform in this process: takes everything at once. `posted` is told what a person would see."""

    name = PLATFORM

    def __init__(self, *, streams: bool) -> None:
        self.limits = Limits(text=10_000, pieces=3, streams=streams)
        self.posts = 0
        self.shown: dict[str, int] = {}

    async def start(self, door: Door) -> None:
        """Nothing connects."""

    async def stop(self) -> None:
        """Nothing was connected."""

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        self.posts += 1
        return MessageRef(where=where, id=str(self.posts))

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        """Nobody looks."""

    def open_stream(self, request: StreamRequest) -> "QuietStream":
        return QuietStream(request.where)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        return None

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return message.where

    async def direct_message(self, user: UserRef) -> ConversationRef:
        return ConversationRef(platform=PLATFORM, channel=user.id)

    async def fetch(self, attachment: Attachment) -> Attachment:
        return attachment

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return True

    async def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        for _ in ():
            yield _


class QuietStream:
    """An answer that is shown while it is written, in one piece as soon as it starts."""

    def __init__(self, where: ConversationRef) -> None:
        self._where = where
        self._on_posted: OnPosted | None = None
        self.message: MessageRef | None = None

    async def status(self, text: str) -> None:
        """Nobody looks."""

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        self._on_posted = on_posted

    async def append(self, text: str) -> None:
        if self._on_posted is not None:
            self.message = MessageRef(where=self._where, id="streamed")
            posted, self._on_posted = self._on_posted, None
            await posted(self.message)

    async def finish_answer(self, markdown: str) -> bool:
        return self.message is not None

    async def close(self, *, suspended: bool) -> None:
        """Nothing was opened."""
