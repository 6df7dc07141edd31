"""What is remembered gets vectors of the present model in the background, and keeps those of no other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from runtime.memory.embedding.endpoint import PATH, SETTINGS, EndpointEmbedder
from runtime.memory.records import MemoryId, MemoryScope, MemoryType, NewMemory, Place, Vector
from runtime.memory.reembedding import LONGEST_PAUSE_S, Reembedding
from runtime.models.endpoint import Endpoint
from runtime.signals import Signals
from runtime.tls import trust
from storage.store import Store
from tests.fakes.embeddings import EmbeddingsEndpoint
from tests.fakes.replies import Refuse
from tests.runtime.models.asking import Waits
from tests.storage.desk import ALICE, DAWN, Clock

SPACE = "pond/16"
HERS = Place(MemoryScope.PERSON, str(ALICE))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "mallard.db", Signals(), Clock()) as opened:
        yield opened


async def remember(store: Store, *texts: str, vector: Vector | None = None) -> list[MemoryId]:
    new = [NewMemory(text=text, place=HERS, type=MemoryType.FACT, importance=0.5, said_by=ALICE) for text in texts]
    return [(await store.remember(each, DAWN, vector=vector)).id for each in new]


@asynccontextmanager
async def reembedding(
    store: Store,
    server: EmbeddingsEndpoint,
    *,
    is_busy: Callable[[], bool] = lambda: False,
    sleep: "Waits | Looks | None" = None,
    model: str = "pond",
) -> AsyncIterator[Reembedding]:
    async with httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        endpoint = Endpoint(base_url=server.base_url, model=model, path=PATH, settings=SETTINGS)
        embedder = EndpointEmbedder(endpoint, http, sleep=Waits(), clock=lambda: 0.0)
        yield Reembedding(record=store, embedder=embedder, is_busy=is_busy, sleep=sleep or Waits())


async def lacking(store: Store, space: str = SPACE) -> list[MemoryId]:
    return [memory_id for memory_id, _ in await store.list_without_vector(space, limit=1_000)]


def spaces(store: Store) -> dict[str, int]:
    rows = store.database.reader.execute("SELECT space, count(*) FROM memory_vectors GROUP BY space")
    return dict(rows.fetchall())


async def test_every_memory_without_a_vector_gets_one_the_newest_first(store: Store) -> None:
    await remember(store, *(f"pond {number}" for number in range(100)))
    async with EmbeddingsEndpoint() as server, reembedding(store, server) as chore:
        assert await chore.catch_up()
    assert await lacking(store) == []
    assert spaces(store) == {SPACE: 100}
    assert [text for text in server.texts if text != "duck"] == [f"pond {number}" for number in reversed(range(100))]


async def test_the_model_is_not_asked_where_nothing_is_remembered(store: Store) -> None:
    async with EmbeddingsEndpoint() as server, reembedding(store, server) as chore:
        assert await chore.catch_up()
    assert server.received == []


async def test_what_is_history_needs_no_vector(store: Store) -> None:
    (old,) = await remember(store, "Deploys are on Tuesday")
    newer = NewMemory(
        text="Deploys are on Thursday",
        place=HERS,
        type=MemoryType.FACT,
        importance=0.5,
        said_by=ALICE,
        supersedes=(old,),
    )
    kept = await store.remember(newer, DAWN)
    assert await lacking(store) == [kept.id]


async def test_one_text_that_the_model_refuses_holds_up_no_other(store: Store) -> None:
    ids = await remember(store, *(f"pond {number}" for number in range(40)))
    async with EmbeddingsEndpoint(refuses="pond 35") as server, reembedding(store, server) as chore:
        assert not await chore.catch_up()
    assert await lacking(store) == [ids[35]]
    assert server.texts.count("pond 35") == 2, "together with others, then alone, and no more"


async def test_a_model_that_is_away_is_asked_again_later(store: Store) -> None:
    await remember(store, "duck", "goose")
    faults = [None, *[Refuse(status=503)] * 4]
    async with EmbeddingsEndpoint(faults) as server, httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        now = [0.0]
        endpoint = Endpoint(base_url=server.base_url, model="pond", path=PATH, settings=SETTINGS)
        embedder = EndpointEmbedder(endpoint, http, sleep=Waits(), clock=lambda: now[0])
        chore = Reembedding(record=store, embedder=embedder, is_busy=lambda: False)
        assert not await chore.catch_up()
        assert len(await lacking(store)) == 2
        now[0] += 60
        assert await chore.catch_up()
    assert spaces(store) == {SPACE: 2}


async def test_what_is_forgotten_meanwhile_stays_forgotten(store: Store) -> None:
    gone, kept = await remember(store, "a secret pond", "duck")
    async with EmbeddingsEndpoint() as server, reembedding(store, server) as chore:
        server.hold()
        catching_up = asyncio.create_task(chore.catch_up())
        await server.until_called(1)  # which asks for the space
        server.go_on()
        server.hold()
        await server.until_called(2)
        await store.forget([gone], DAWN, by=ALICE)
        server.go_on()
        assert await catching_up
    assert spaces(store) == {SPACE: 1}
    assert store.find_memory(kept) is not None


async def test_people_come_first_but_never_stop_it_for_good(store: Store) -> None:
    await remember(store, "duck")
    waits, busy = Waits(), iter([True, True, True, False])
    async with EmbeddingsEndpoint() as server:
        async with reembedding(store, server, is_busy=lambda: next(busy), sleep=waits) as chore:
            assert await chore.catch_up()
        assert len(waits.seconds) == 3
        await remember(store, "goose")
        async with reembedding(store, server, is_busy=lambda: True, sleep=waits) as chore:
            assert await chore.catch_up()
    assert sum(waits.seconds[3:]) == pytest.approx(LONGEST_PAUSE_S)


class Looks:
    """A sleep that lasts until the test lets the chore look."""

    def __init__(self) -> None:
        self._asleep = asyncio.Event()
        self._awake = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self._asleep.set()
        await self._awake.acquire()

    async def look(self) -> None:
        """Return once the chore looked, and sleeps again."""
        await self._asleep.wait()
        self._asleep.clear()
        self._awake.release()
        await self._asleep.wait()


@asynccontextmanager
async def looking(store: Store, server: EmbeddingsEndpoint, *, model: str = "pond") -> AsyncIterator[Looks]:
    """The chore as a process runs it."""
    looks = Looks()
    async with reembedding(store, server, sleep=looks, model=model) as chore:
        running = asyncio.create_task(chore.run())
        yield looks
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_another_models_vectors_go_once_everything_has_new_ones(store: Store) -> None:
    await remember(store, "duck", "goose", vector=Vector(space="lake/2", values=bytes(8)))
    async with EmbeddingsEndpoint() as server, looking(store, server) as looks:
        await looks.look()
    assert spaces(store) == {SPACE: 2}


async def test_another_models_vectors_stay_as_long_as_something_lacks_new_ones(store: Store) -> None:
    await remember(store, "duck", "goose", vector=Vector(space="lake/2", values=bytes(8)))
    async with EmbeddingsEndpoint(refuses="goose") as server, looking(store, server) as looks:
        await looks.look()
        await looks.look()
        assert spaces(store) == {"lake/2": 2, SPACE: 1}
        server.refuses = ""
        await looks.look()
    assert spaces(store) == {SPACE: 2}


async def test_two_processes_with_two_models_do_not_take_each_others_vectors_for_ever(store: Store) -> None:
    await remember(store, "duck")
    async with EmbeddingsEndpoint() as server, looking(store, server) as ours:
        await ours.look()
        async with looking(store, server, model="lake") as theirs:
            await theirs.look()
            assert spaces(store) == {"lake/16": 1}
            for looks in (ours, theirs, ours):
                await looks.look()
                assert spaces(store) == {"lake/16": 1, SPACE: 1}
