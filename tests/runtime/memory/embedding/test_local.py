"""Vectors of this machine: loaded once, when they are first asked for, and never in anybody's way."""

import asyncio
import threading

import pytest

from runtime.errors import EmbeddingUnavailable
from runtime.memory.embedding.local import open_local
from runtime.memory.embedding.minilm import MiniLM
from tests.runtime.memory.embedding.nearness import nearness


class Loading:
    """Loading a model that takes until it is let go; it can be seen to begin."""

    def __init__(self, model: MiniLM | None) -> None:
        self._model = model
        self._loop = asyncio.get_running_loop()
        self._go_on = threading.Event()
        self.began = asyncio.Event()
        self.times = 0

    def __call__(self) -> MiniLM:
        self.times += 1
        self._loop.call_soon_threadsafe(self.began.set)
        self._go_on.wait()
        if self._model is None:
            raise EmbeddingUnavailable("the file is gone")
        return self._model

    def go_on(self) -> None:
        self._go_on.set()


async def test_nothing_is_loaded_before_a_text_is_there_to_embed(minilm: MiniLM) -> None:
    loading = Loading(minilm)
    async with open_local(loading) as embedder:
        await embedder.space()
        assert await embedder.embed([]) == ()
    assert loading.times == 0


async def test_whoever_asks_while_it_is_loaded_shares_the_load_and_the_loop_goes_on(minilm: MiniLM) -> None:
    loading = Loading(minilm)
    async with open_local(loading) as embedder, asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(embedder.embed([text])) for text in ("duck", "goose", "duck")]
        await loading.began.wait()
        loading.go_on()
    assert loading.times == 1
    assert asked[0].result() == asked[2].result() != asked[1].result()


async def test_whoever_gives_up_waiting_leaves_the_load_to_the_others(minilm: MiniLM) -> None:
    loading = Loading(minilm)
    async with open_local(loading) as embedder:
        first = asyncio.create_task(embedder.embed(["duck"]))
        await loading.began.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        loading.go_on()
        assert await embedder.embed(["duck"]) == minilm.embed(["duck"])
    assert first.cancelled()
    assert loading.times == 1


async def test_vectors_come_in_the_order_of_their_texts(minilm: MiniLM) -> None:
    texts = [f"{'a long way round ' * (number % 7)}to pond {number}" for number in range(40)]
    async with open_local(lambda: minilm) as embedder:
        vectors = await embedder.embed(texts)
    assert all(nearness(vector, *minilm.embed([text])) > 0.9999 for vector, text in zip(vectors, texts, strict=True))


async def test_what_cannot_be_loaded_is_said_to_everybody_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    loading = Loading(None)
    loading.go_on()
    async with open_local(loading) as embedder:
        for _ in range(3):
            with pytest.raises(EmbeddingUnavailable, match="the file is gone"):
                await embedder.embed(["duck"])
    assert loading.times == 1
    assert caplog.text.count("the file is gone") == 1


async def test_closing_waits_for_what_is_being_loaded_and_for_nothing_else(minilm: MiniLM) -> None:
    loading = Loading(minilm)
    asked: list[asyncio.Task[object]] = []

    async def open_and_close() -> None:
        async with open_local(loading) as embedder:
            asked.extend(asyncio.create_task(embedder.embed([text])) for text in ("duck", "goose"))
            await loading.began.wait()

    closing = asyncio.create_task(open_and_close())
    closed, _ = await asyncio.wait({closing}, timeout=0.1)
    loading.go_on()
    await closing

    assert not closed
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("embedding")]
    first, second = await asyncio.gather(*asked, return_exceptions=True)
    assert first == minilm.embed(["duck"])
    assert isinstance(second, asyncio.CancelledError)
