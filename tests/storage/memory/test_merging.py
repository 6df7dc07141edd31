"""What is known already is not known twice; what is contradicted becomes history."""

from datetime import timedelta
from pathlib import Path

import pytest

from runtime.memory.records import MemoryType
from tests.runtime.memory.test_words import CONTRADICTING, SAME
from tests.storage.memory.embedding import BagOfWords
from tests.storage.memory.shelf import HERS, HIS, OURS, Shelf, open_shelf


@pytest.mark.parametrize(("known", "new"), SAME)
async def test_what_says_the_same_is_kept_once_in_the_words_that_came_first(wordy: Shelf, known: str, new: str) -> None:
    first = await wordy.remember(known)

    again = await wordy.keep(new)

    assert (again.id, again.merged) == (first, True)
    assert await wordy.texts() == [known]


async def test_words_that_say_little_may_differ_where_the_vectors_are_near(path: Path) -> None:
    known, new = "The staging cluster of the ducks is heron", "The staging cluster of the ducks is named heron"
    async with open_shelf(path, embedder=BagOfWords(synonyms={"named": "is"})) as shelf:
        await shelf.remember(known)
        assert (await shelf.keep(new)).merged

        shelf.embedder = None  # it is known only with a vector of its own
        assert not (await shelf.keep(new)).merged


async def test_they_may_not_where_the_vectors_are_far_from_each_other_or_of_two_spaces(path: Path) -> None:
    known, new = "The cluster is heron", "The cluster will have used the named heron"
    async with open_shelf(path, embedder=BagOfWords("one")) as shelf:
        await shelf.remember(known)
        assert not (await shelf.keep(new)).merged
    async with open_shelf(path, embedder=BagOfWords("other")) as shelf:
        assert not (await shelf.keep("The cluster is named heron")).merged


@pytest.mark.parametrize(("known", "new"), CONTRADICTING)
async def test_what_contradicts_the_known_is_kept_beside_it(shelf: Shelf, known: str, new: str) -> None:
    await shelf.remember(known)

    assert not (await shelf.keep(new)).merged
    assert await shelf.texts() == [new, known]


async def test_what_is_said_again_matters_more_and_is_kept_longer(shelf: Shelf) -> None:
    soon, late = shelf.now + timedelta(days=1), shelf.now + timedelta(days=9)
    first = await shelf.remember("Deploys are on Tuesday", importance=0.5, expires_at=soon)
    later = shelf.clock.pass_(hours=1)

    await shelf.remember("Deploys are on Tuesdays", importance=0.7, expires_at=late)

    memory = shelf.memory(first)
    assert memory.importance == pytest.approx(0.73)
    assert (memory.used_at, memory.expires_at) == (later, late)
    await shelf.remember("Deploys are on Tuesdays", importance=0.1)
    assert shelf.memory(first).expires_at is None


async def test_the_same_is_kept_once_for_each_place_and_type(shelf: Shelf) -> None:
    text = "Deploys are on Tuesday"
    await shelf.remember(text)

    for kept in (
        await shelf.keep(text, HIS),
        await shelf.keep(text, OURS),
        await shelf.keep(text, type=MemoryType.DECISION),
    ):
        assert not kept.merged


async def test_what_is_history_gains_nothing(shelf: Shelf) -> None:
    tuesday = await shelf.remember("Deploys are on Tuesday")
    thursday = await shelf.remember("Deploys are on Thursday", supersedes=(tuesday,))

    again = await shelf.keep("Deploys are on Tuesday", supersedes=(thursday,))

    assert not again.merged
    assert await shelf.texts() == ["Deploys are on Tuesday"]
    assert await shelf.texts(retired=True) == [
        "Deploys are on Tuesday",
        "Deploys are on Thursday",
        "Deploys are on Tuesday",
    ]


async def test_only_memories_of_the_same_place_are_superseded(shelf: Shelf) -> None:
    his = await shelf.remember("Deploys are on Tuesday", HIS)

    await shelf.remember("Deploys are on Thursday", HERS, supersedes=(his,))

    assert shelf.memory(his).retired_at is None


async def test_a_memory_that_says_the_same_does_not_supersede_itself(shelf: Shelf) -> None:
    known = await shelf.remember("Deploys are on Tuesday")
    other = await shelf.remember("Deploys are on Thursday")

    await shelf.remember("Deploys are on Tuesdays", supersedes=(known, other))

    assert await shelf.texts() == ["Deploys are on Tuesday"]
    assert shelf.memory(other).superseded_by == known
