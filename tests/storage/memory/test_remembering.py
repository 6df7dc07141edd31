"""What is remembered is found again: by its words, in its own places, and nowhere else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.memory.records import MemoryQuery, MemoryScope, MemoryType, NewMemory, Place
from runtime.signals import Signals
from storage.store import Store
from tests.storage.desk import ALICE, DAWN, Clock

HERS = Place(MemoryScope.PERSON, str(ALICE))
OURS = Place(MemoryScope.TEAM)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "mallard.db", Signals(), Clock()) as opened:
        yield opened


def fact(text: str, place: Place = HERS) -> NewMemory:
    return NewMemory(text=text, place=place, type=MemoryType.FACT, importance=0.5, said_by=ALICE)


async def test_a_memory_is_found_by_a_word_of_it_in_its_own_place_only(store: Store) -> None:
    at = DAWN
    hers = await store.remember(fact("The staging cluster is called heron"), at)
    await store.remember(fact("The production cluster is called crane", OURS), at)

    found = await store.search_memories(MemoryQuery(text="which clusters?", places=frozenset({HERS})), at)

    assert [each.memory.id for each in found] == [hers.id]


async def test_what_a_memory_supersedes_is_history(store: Store) -> None:
    at = DAWN
    old = await store.remember(fact("Deploys are on Tuesday"), at)
    new = await store.remember(
        NewMemory(
            text="Deploys are on Thursday",
            place=HERS,
            type=MemoryType.FACT,
            importance=0.5,
            said_by=ALICE,
            supersedes=(old.id,),
        ),
        at,
    )

    found = await store.search_memories(MemoryQuery(text="deploys", places=frozenset({HERS})), at)

    assert [each.memory.id for each in found] == [new.id]
    superseded = store.find_memory(old.id)
    assert superseded is not None
    assert superseded.superseded_by == new.id
