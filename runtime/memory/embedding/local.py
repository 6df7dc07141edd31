"""Vectors made on this machine: no network, one processor, and nothing loaded before it is needed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from runtime.errors import EmbeddingUnavailable
from runtime.memory.embedding.minilm import SPACE, MiniLM, load_minilm
from runtime.memory.records import Vector

# A few texts at a time: whoever comes with a single one waits for no more than these.
_BATCH = 8

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_local(load: Callable[[], MiniLM] = load_minilm) -> AsyncIterator["LocalEmbedder"]:
    """The embedder, with a thread of its own that ends with the block."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedding")
    try:
        yield LocalEmbedder(thread, load)
    finally:
        await asyncio.to_thread(thread.shutdown, cancel_futures=True)


class LocalEmbedder:
    """The Embedder port. The first text loads the model, in `thread`, which must be a single one: so it is loaded once,
    whoever asks meanwhile, and also where nobody waits for it any longer. What could not be loaded is not tried again."""

    def __init__(self, thread: ThreadPoolExecutor, load: Callable[[], MiniLM]) -> None:
        self._thread = thread
        self._load = load
        self._model: MiniLM | None = None
        self._why_not = ""

    async def space(self) -> str:
        return SPACE

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        loop, made = asyncio.get_running_loop(), dict[int, Vector]()
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))  # little is filled up in a batch
        for start in range(0, len(texts), _BATCH):
            numbers = by_length[start : start + _BATCH]
            batch = [texts[number] for number in numbers]
            vectors = await loop.run_in_executor(self._thread, self._embed, batch)
            made.update(zip(numbers, vectors, strict=True))
        return tuple(made[number] for number in range(len(texts)))

    def _embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        model = self._loaded()
        try:
            return model.embed(texts)
        except EmbeddingUnavailable:
            raise
        except Exception as error:
            raise EmbeddingUnavailable(f"The local model for vectors failed: {error}") from error

    def _loaded(self) -> MiniLM:
        if self._why_not:
            raise EmbeddingUnavailable(self._why_not)
        if self._model is None:
            try:
                self._model = self._load()
            except EmbeddingUnavailable as error:
                self._why_not = str(error)
                log.warning("memories are found by their words alone: %s", error)
                raise
        return self._model
