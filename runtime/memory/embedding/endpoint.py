"""Vectors made by an endpoint: any that serves OpenAI's `/embeddings`."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from runtime.errors import EmbeddingUnavailable, ModelError, ModelUnavailable
from runtime.memory.embedding.vectors import unit_vector
from runtime.memory.records import Vector
from runtime.models.endpoint import Endpoint
from runtime.models.faults import Passing, fault_of
from runtime.models.retrying import retried
from runtime.models.wire import post, read_body, read_complaint
from runtime.storable import utf8
from runtime.tls import trust

if TYPE_CHECKING:
    import httpx

PATH, SETTINGS = "embeddings", "MALLARD_EMBEDDING"
REST_S = 30.0
_BATCH = 32
# Many models take 512 tokens and refuse what is longer; what a text is about stands at its beginning.
_LONGEST_TEXT = 2_000
_EMPTY = "-"  # endpoints refuse a text without anything in it

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_endpoint(endpoint: Endpoint) -> AsyncIterator["EndpointEmbedder"]:
    """The embedder with connections of its own, closed at the end. `endpoint` has the path and settings of this file."""
    import httpx  # slow to import, and only an endpoint needs it

    async with httpx.AsyncClient(verify=trust()) as http:
        yield EndpointEmbedder(endpoint, http)


class EndpointEmbedder:
    """The Embedder port. What may pass is tried up to four times; an endpoint that gave no answer even so is left alone for
    half a minute, in which nobody waits for it."""

    def __init__(
        self,
        endpoint: Endpoint,
        http: "httpx.AsyncClient",
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._http = http
        self._sleep = sleep
        self._clock = clock
        self._space = ""
        self._away = ""
        self._rests_until = 0.0

    async def space(self) -> str:
        if not self._space:
            await self.embed(["duck"])  # only an answer tells how many dimensions there are
        return self._space

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        vectors: list[Vector] = []
        for start in range(0, len(texts), _BATCH):
            vectors += await self._embed(texts[start : start + _BATCH])
        return tuple(vectors)

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        if self._clock() < self._rests_until:
            raise EmbeddingUnavailable(self._away)
        inputs = [utf8(text[:_LONGEST_TEXT]).strip() or _EMPTY for text in texts]
        try:
            vectors = await retried(partial(self._ask, inputs), self._endpoint, sleep=self._sleep)
        except ModelError as error:
            self._note(error)
            raise EmbeddingUnavailable(str(error)) from None
        self._note(None)
        self._check_space(vectors)
        return vectors

    async def _ask(self, inputs: list[str]) -> list[Vector]:
        endpoint = self._endpoint
        try:
            async with asyncio.timeout(endpoint.timeout_s):
                content = orjson.dumps({"model": endpoint.model, "input": inputs})
                response = await post(self._http, endpoint, content)
                if not response.is_success:
                    complaint = await read_complaint(response)
                    raise fault_of(response.status_code, complaint, response.headers.get("Retry-After"), endpoint)
                body = await read_body(response)
        except TimeoutError:
            raise Passing(f"it took longer than {endpoint.timeout_s:g} seconds") from None
        return await asyncio.to_thread(read_vectors, body, len(inputs), endpoint.model)

    def _note(self, error: ModelError | None) -> None:
        """Remember whether it answers, and log when that changes."""
        if isinstance(error, ModelUnavailable):
            self._rests_until = self._clock() + max(REST_S, error.retry_after or 0)
        words = "" if error is None else str(error)
        if words and not self._away:
            log.warning("memories are found by their words alone: %s", words)
        elif self._away and not words:
            log.info("memories are found by what they mean again: %s answers", self._endpoint.shown)
        self._away = words

    def _check_space(self, vectors: list[Vector]) -> None:
        spaces = {vector.space for vector in vectors}
        self._space = self._space or min(spaces)
        if other := spaces - {self._space}:
            raise EmbeddingUnavailable(
                f"{self._endpoint.shown} made vectors of {self._space} before, and now of {min(other)}. If another model "
                "stands behind that name now, start Mallard again."
            )


def read_vectors(body: bytes, count: int, model: str) -> list[Vector]:
    """The vectors of an answer, in the order of the texts. Raises Passing where it is not one for each of `count` texts."""
    try:
        entries: Any = orjson.loads(body)["data"]
        values = {entry["index"]: entry["embedding"] for entry in entries}
        found = [values[number] for number in range(count)]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Passing("its answer holds no vector for each text") from None
    if len(entries) != count or not all(map(_are_numbers, found)):
        raise Passing("its answer holds something else than a vector for each text")
    try:
        return [unit_vector(each, model) for each in found]
    except EmbeddingUnavailable:
        raise Passing("its answer holds a vector that points nowhere") from None


def _are_numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) in {float, int} for value in values)
