"""An embeddings endpoint on a loopback socket: texts that share words get vectors that are near, and it fails as it is told."""

import asyncio
import re
import zlib
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiohttp import web

from tests.fakes.replies import Raw, Refuse

Fault: TypeAlias = Refuse | Raw | None


class EmbeddingsEndpoint:
    """Answers each request with the next of `faults`, and well where that is None or there are no more.

    It can be told to hold its answers back (`holding`), to refuse a text with a certain word in it, and to hand its vectors
    out in another order than asked, as it may.
    """

    def __init__(
        self, faults: Iterable[Fault] = (), *, dimensions: int = 16, refuses: str = "", backwards: bool = False
    ) -> None:
        self._faults = iter(faults)
        self.dimensions = dimensions
        self.refuses = refuses
        self._backwards = backwards
        self._may_answer = asyncio.Event()
        self._may_answer.set()
        self._called = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.received: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/embeddings", self._embed)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_on()
        if self._runner:
            await self._runner.cleanup()

    @property
    def texts(self) -> list[str]:
        """Every text that it was asked for."""
        return [text for body in self.received for text in body["input"]]

    def hold(self) -> None:
        self._may_answer.clear()

    def go_on(self) -> None:
        self._may_answer.set()

    async def until_called(self, times: int) -> None:
        """Return once `times` requests were received."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.received) >= times)

    async def _embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.received.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        async with self._called:
            self._called.notify_all()
        await self._may_answer.wait()
        match next(self._faults, None):
            case Refuse() as refusal:
                headers = {} if refusal.retry_after is None else {"Retry-After": refusal.retry_after}
                return web.json_response(
                    {"error": {"message": refusal.message}}, status=refusal.status, headers=headers
                )
            case Raw() as raw:
                return web.Response(body=raw.body, content_type=raw.content_type)
        if wrong := self._what_is_wrong(body):
            return web.json_response({"error": {"message": wrong}}, status=400)
        entries = [
            {"object": "embedding", "index": number, "embedding": vector_of(text, self.dimensions)}
            for number, text in enumerate(body["input"])
        ]
        return web.json_response(
            {"object": "list", "model": body["model"], "data": entries[::-1] if self._backwards else entries}
        )

    def _what_is_wrong(self, body: dict[str, Any]) -> str:
        inputs = body.get("input")
        if not isinstance(inputs, list) or not all(isinstance(text, str) and text.strip() for text in inputs):
            return "input: a list of texts, none of them empty"
        if self.refuses and any(self.refuses in text for text in inputs):
            return "input: too long"
        return ""


def vector_of(text: str, dimensions: int) -> list[float]:
    """Counts words, each where its checksum points. Not of unit length: whoever asks has to see to that."""
    vector = [0.25] + [0.0] * (dimensions - 1)
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % dimensions] += 1.0
    return vector
