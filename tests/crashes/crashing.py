"""The world with a place to die at before and after everything that is done to it."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from runtime.contents import Content
from runtime.desk import Settlement
from runtime.door import Door
from runtime.models.port import Delta, Model, ModelReply, ModelRequest
from runtime.ports import Limits, OnPosted, Platform, Seen, Stream, StreamRequest
from runtime.records import (
    Attachment,
    ConversationRef,
    Effect,
    IncomingMessage,
    MessageRef,
    Observation,
    Risk,
    UserRef,
    Workspace,
)
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from tests.crashes.points import Points


class CrashingPlatform:
    def __init__(self, platform: Platform, points: Points) -> None:
        self._platform, self._points = platform, points

    @property
    def name(self) -> str:
        return self._platform.name

    @property
    def limits(self) -> Limits:
        return self._platform.limits

    async def start(self, door: Door) -> None:
        await self._platform.start(door)

    async def stop(self) -> None:
        await self._platform.stop()

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        async with self._points.around(f"posting a {type(content).__name__}"):
            return await self._platform.post(where, content, key=key)

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        async with self._points.around(f"editing to a {type(content).__name__}"):
            await self._platform.edit(message, content, key=key)

    def open_stream(self, request: StreamRequest) -> Stream:
        return CrashingStream(self._platform.open_stream(request), self._points)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        async with self._points.around("looking for what was posted"):
            return await self._platform.find_posted(where, key, since, streamed=streamed)

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return self._platform.thread_on(message, request)

    async def direct_message(self, user: UserRef) -> ConversationRef:
        return await self._platform.direct_message(user)

    async def fetch(self, attachment: Attachment) -> Attachment:
        return await self._platform.fetch(attachment)

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return await self._platform.is_member(user, where)

    def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        return self._platform.catch_up(seen, since)


class CrashingDoor(Door):
    """What a platform has acknowledged by then, or acknowledges next, lies right beside these points."""

    def __init__(self, *, points: Points, **parts: Any) -> None:
        super().__init__(**parts)
        self._points = points

    async def receive(self, message: IncomingMessage, *, missed: bool = False) -> None:
        async with self._points.around("hearing a message"):
            await super().receive(message, missed=missed)

    async def click(
        self, token: str, *, by: UserRef, by_name: str, where: ConversationRef, comment: str = ""
    ) -> Settlement:
        async with self._points.around("a click"):
            return await super().click(token, by=by, by_name=by_name, where=where, comment=comment)


class CrashingStream:
    def __init__(self, stream: Stream, points: Points) -> None:
        self._stream, self._points = stream, points

    @property
    def message(self) -> MessageRef | None:
        return self._stream.message

    async def status(self, text: str) -> None:
        async with self._points.around(f"saying “{text}”"):
            await self._stream.status(text)

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        async def posted(message: MessageRef) -> None:
            self._points.passed("the first of the answer stands")
            await on_posted(message)

        async with self._points.around("beginning to show the answer"):
            await self._stream.begin_answer(key, posted)

    async def append(self, text: str) -> None:
        async with self._points.around("showing more of the answer"):
            await self._stream.append(text)

    async def finish_answer(self, markdown: str) -> bool:
        async with self._points.around("making the answer exact"):
            return await self._stream.finish_answer(markdown)

    async def close(self, *, suspended: bool) -> None:
        async with self._points.around("clearing the signs of work"):
            await self._stream.close(suspended=suspended)


class CrashingModel:
    is_language_model = True

    def __init__(self, model: Model, points: Points) -> None:
        self._model, self._points = model, points

    async def complete(self, request: ModelRequest) -> ModelReply:
        async with self._points.around(f"asking the {request.role} model"):
            return await self._model.complete(request)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        async with self._points.around(f"asking the {request.role} model"):
            async for piece in self._model.stream(request):
                self._points.passed(f"in the middle of what the {request.role} model says")
                yield piece


class DeedArguments(ToolArguments):
    word: str


class Deed:
    """Leaves one line in a file outside, for good: its idempotency key. What a second run would do is `effect`."""

    name = "deed"
    version = "1"
    description = "Do something in the world."
    arguments = DeedArguments
    timeout = 10.0
    output_cap = 1_000

    def __init__(self, effect: Effect, risk: Risk, outside: Path, points: Points) -> None:
        self.effect = effect
        self._risk = risk
        self._outside = outside
        self._points = points

    async def assess(self, arguments: DeedArguments, workspace: Workspace) -> Assessment:
        return Assessment(risk=self._risk, why_asked="It does something in the world.")

    async def run(self, arguments: DeedArguments, scope: ToolScope) -> Observation:
        self._points.passed("the deed begins")
        file = os.open(self._outside, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.write(file, f"{scope.key}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)
        self._points.passed("the deed is done")
        await asyncio.sleep(0)
        self._points.passed("the deed returns")
        return Observation(ok=True, text=f"{arguments.word} is done.")
