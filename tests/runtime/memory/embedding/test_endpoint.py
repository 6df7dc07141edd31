"""Vectors made by an endpoint, over a real socket: what is sent, what is believed, and what is said when it fails."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from runtime.errors import EmbeddingUnavailable, SettingsError
from runtime.memory.embedding.endpoint import PATH, REST_S, SETTINGS, EndpointEmbedder, open_endpoint
from runtime.models.endpoint import Endpoint
from runtime.tls import trust
from tests.fakes.embeddings import EmbeddingsEndpoint
from tests.fakes.replies import Raw, Refuse
from tests.runtime.memory.embedding.nearness import nearness, numbers
from tests.runtime.models.asking import KEY, Waits


class Stopwatch:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def endpoint_of(server: EmbeddingsEndpoint, **settings: Any) -> Endpoint:
    chosen: dict[str, Any] = {"base_url": server.base_url, "model": "pond-embed", "api_key": KEY, "timeout_s": 20.0}
    return Endpoint(**(chosen | settings), path=PATH, settings=SETTINGS)


@asynccontextmanager
async def embedder_of(
    server: EmbeddingsEndpoint, *, waits: Waits | None = None, clock: Stopwatch | None = None, **settings: Any
) -> AsyncIterator[EndpointEmbedder]:
    async with httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        yield EndpointEmbedder(
            endpoint_of(server, **settings), http, sleep=waits or Waits(), clock=clock or Stopwatch()
        )


def answer(*vectors: object) -> Raw:
    entries = [{"index": number, "embedding": vector} for number, vector in enumerate(vectors)]
    return Raw(body=json.dumps({"data": entries}).encode())


async def test_texts_that_are_near_have_vectors_that_are_near() -> None:
    async with EmbeddingsEndpoint() as server, open_endpoint(endpoint_of(server)) as embedder:
        one, other, far = await embedder.embed(["duck pond", "the duck pond", "lunch menu"])
        assert await embedder.space() == one.space == "pond-embed/16"
    assert nearness(one, one) == pytest.approx(1, abs=1e-5)
    assert nearness(one, other) > nearness(one, far)
    assert server.received == [{"model": "pond-embed", "input": ["duck pond", "the duck pond", "lunch menu"]}]
    assert server.keys == [f"Bearer {KEY}"]


async def test_vectors_come_in_the_order_of_their_texts_in_whatever_order_they_are_sent() -> None:
    texts = [f"pond {number}" for number in range(80)]
    async with EmbeddingsEndpoint() as server, embedder_of(server) as embedder:
        straight = await embedder.embed(texts)
    async with EmbeddingsEndpoint(backwards=True) as server, embedder_of(server) as embedder:
        assert await embedder.embed(texts) == straight
    assert max(len(body["input"]) for body in server.received) <= 32


async def test_the_space_is_asked_for_once() -> None:
    async with EmbeddingsEndpoint(dimensions=4) as server, embedder_of(server) as embedder:
        assert [await embedder.space() for _ in range(3)] == ["pond-embed/4"] * 3
    assert len(server.received) == 1


@pytest.mark.parametrize("text", ["", " \n", "\ud83d", "long " * 5_000])
async def test_any_text_is_sent_so_that_an_endpoint_takes_it(text: str) -> None:
    async with EmbeddingsEndpoint() as server, embedder_of(server) as embedder:
        (vector,) = await embedder.embed([text])
    assert len(numbers(vector)) == 16
    assert len(server.texts[0]) <= 2_000


@pytest.mark.parametrize("fault", [Refuse(status=429), Refuse(status=500), Raw(body=b"<html>"), answer()])
async def test_what_may_pass_is_tried_again(fault: Refuse | Raw) -> None:
    waits = Waits()
    async with EmbeddingsEndpoint([fault] * 3) as server, embedder_of(server, waits=waits) as embedder:
        assert len(await embedder.embed(["duck"])) == 1
    assert len(waits.seconds) == 3


async def test_it_waits_as_long_as_the_endpoint_asks() -> None:
    waits = Waits()
    server = EmbeddingsEndpoint([Refuse(status=429, retry_after="7")])
    async with server, embedder_of(server, waits=waits) as embedder:
        await embedder.embed(["duck"])
    assert waits.seconds == [7]


@pytest.mark.parametrize(
    "wrong",
    [
        answer([1.0, 2.0]),
        answer([1.0, 2.0], [1.0, 2.0], [1.0, 2.0]),
        answer([1.0, float("nan")], [1.0, 2.0]),
        answer([0.0, 0.0], [1.0, 2.0]),
        answer([], []),
        answer([1.0, None], [1.0, 2.0]),
        answer(["1", "2"], [1.0, 2.0]),
        answer([10**400, 1], [1.0, 2.0]),
        answer("AAAA", "AAAA"),
        Raw(body=b'{"data": [1, 2]}'),
        Raw(body=b'{"data": null}'),
        Raw(body=b"[]"),
        Raw(body=b'{"data": [{"index": [], "embedding": [1]}, {"index": 1, "embedding": [1]}]}'),
        Raw(body=b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}'),
    ],
    ids=range(14),
)
async def test_an_answer_without_a_vector_for_each_text_is_none(wrong: Raw) -> None:
    async with EmbeddingsEndpoint([wrong] * 4) as server, embedder_of(server) as embedder:
        with pytest.raises(EmbeddingUnavailable, match="its answer holds"):
            await embedder.embed(["duck", "goose"])


async def test_vectors_of_two_sizes_are_never_taken_for_one_model() -> None:
    async with EmbeddingsEndpoint() as server, embedder_of(server) as embedder:
        await embedder.embed(["duck"])
        server.dimensions = 8
        with pytest.raises(EmbeddingUnavailable, match=r"pond-embed/16 before, and now of pond-embed/8"):
            await embedder.embed(["duck"])
    async with EmbeddingsEndpoint([answer([1.0], [1.0, 2.0])]) as server, embedder_of(server) as embedder:
        with pytest.raises(EmbeddingUnavailable, match="start Mallard again"):
            await embedder.embed(["duck", "goose"])


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "set MALLARD_EMBEDDING_API_KEY"),
        (404, "check MALLARD_EMBEDDING_NAME"),
        (400, "check MALLARD_EMBEDDING_NAME"),
    ],
)
async def test_a_refusal_names_the_setting_and_is_not_repeated(status: int, words: str) -> None:
    refusal = Refuse(status=status, message=f"not with {KEY}")
    async with EmbeddingsEndpoint([refusal]) as server, embedder_of(server) as embedder:
        with pytest.raises(EmbeddingUnavailable) as raised:
            await embedder.embed(["duck"])
        assert await embedder.embed(["duck"])
    assert words in str(raised.value)
    assert KEY not in str(raised.value)
    assert len(server.received) == 2


async def test_an_endpoint_that_gave_no_answer_is_left_alone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "runtime.memory")
    clock, faults = Stopwatch(), [Refuse(status=503)] * 8
    async with EmbeddingsEndpoint(faults) as server, embedder_of(server, clock=clock) as embedder:
        for tries in (4, 8):
            for _ in range(3):
                with pytest.raises(EmbeddingUnavailable, match="gave no answer in 4 tries"):
                    await embedder.embed(["duck"])
            assert len(server.received) == tries
            clock.seconds += REST_S
        assert await embedder.embed(["duck"])
    ours = [each.getMessage() for each in caplog.records if each.name == "runtime.memory.embedding.endpoint"]
    assert [words.partition(":")[0] for words in ours] == [
        "memories are found by their words alone",
        "memories are found by what they mean again",
    ]


async def test_an_endpoint_that_asks_for_a_longer_wait_gets_it() -> None:
    clock = Stopwatch()
    server = EmbeddingsEndpoint([Refuse(status=429, retry_after="900")])
    async with server, embedder_of(server, clock=clock) as embedder:
        for seconds in (0, 899):
            clock.seconds = seconds
            with pytest.raises(EmbeddingUnavailable, match="wants to be asked again later"):
                await embedder.embed(["duck"])
        assert len(server.received) == 1
        clock.seconds = 900
        assert await embedder.embed(["duck"])


async def test_what_takes_too_long_is_given_up() -> None:
    async with EmbeddingsEndpoint() as server, embedder_of(server, timeout_s=0.05) as embedder:
        server.hold()
        with pytest.raises(EmbeddingUnavailable, match=r"it took (too long|longer than 0\.05 seconds)"):
            await embedder.embed(["duck"])


async def test_nobody_there_and_no_address_are_said() -> None:
    async with EmbeddingsEndpoint() as server:
        gone = server
    async with embedder_of(gone) as embedder:
        with pytest.raises(EmbeddingUnavailable, match="it cannot be reached"):
            await embedder.embed(["duck"])
    async with embedder_of(gone, base_url="pond") as embedder:
        with pytest.raises(EmbeddingUnavailable, match="set MALLARD_EMBEDDING_BASE_URL"):
            await embedder.embed(["duck"])
    with pytest.raises(SettingsError, match="MALLARD_EMBEDDING_API_KEY"):
        endpoint_of(gone, api_key="two words")
