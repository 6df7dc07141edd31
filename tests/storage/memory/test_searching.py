"""What is remembered is found again: by its words and by its vector, in the places that are asked, and nowhere else."""

from pathlib import Path

import pytest

from runtime.memory.records import MemoryQuery, MemoryScope, MemoryType, Place, Vector
from runtime.signals import Signals
from storage.store import Store
from tests.storage.desk import ALICE
from tests.storage.memory.embedding import BagOfWords
from tests.storage.memory.shelf import CHANNEL, HERS, HIS, OURS, Shelf, fact, open_shelf

CALLS = BagOfWords(synonyms={"releases": "deploys", "fridge": "refrigerator"})


async def test_a_memory_is_found_by_an_inflected_word_of_it(wordy: Shelf) -> None:
    await wordy.remember("The staging cluster is called heron")
    await wordy.remember("Lunch is at noon")

    assert await wordy.find("which clusters are there?") == ["The staging cluster is called heron"]


async def test_a_memory_that_shares_no_word_with_the_question_is_found_by_its_vector(path: Path) -> None:
    async with open_shelf(path, embedder=CALLS) as shelf:
        await shelf.remember("Deploys are on Tuesday")
        await shelf.remember("Bob owns the invoice export")

        assert (await shelf.find("releases", limit=1)) == ["Deploys are on Tuesday"]


async def test_words_that_the_places_have_often_weigh_less_than_those_that_they_have_once(wordy: Shelf) -> None:
    for number in range(20):
        await wordy.remember(f"The service s{number} runs on heron{number}")
    await wordy.remember("The mailer is slow on Mondays")

    assert (await wordy.find("which service sends mail, the mailer?", limit=1)) == ["The mailer is slow on Mondays"]


async def test_other_peoples_memories_do_not_change_what_a_word_weighs(wordy: Shelf) -> None:
    await wordy.remember("Payments go through the blue gateway")
    await wordy.remember("The office has a green door")
    before = await scores(wordy, "green gateway")

    for number in range(30):
        await wordy.remember(f"The gateway number {number} is green", HIS)

    assert await scores(wordy, "green gateway") == before


@pytest.mark.parametrize("first", [0.1, 0.9])
async def test_of_memories_that_fit_alike_the_weightier_comes_first(wordy: Shelf, first: float) -> None:
    texts = ("The printer upstairs is slow", "The printer downstairs is loud")
    for text, importance in zip(texts, (first, 1 - first), strict=True):
        await wordy.remember(text, importance=importance)

    assert (await wordy.find("which printer?", limit=1)) == [texts[0] if first > 0.5 else texts[1]]


async def scores(shelf: Shelf, text: str) -> list[float]:
    query = MemoryQuery(text=text, places=frozenset({HERS}))
    return [found.score for found in await shelf.store.search_memories(query, shelf.now)]


@pytest.mark.parametrize("other", [HIS, CHANNEL, Place(MemoryScope.WORKSPACE, "default"), OURS], ids=str)
async def test_nothing_is_found_outside_the_places_that_are_asked(shelf: Shelf, other: Place) -> None:
    await shelf.remember("The vault code is 4711", other)

    assert await shelf.find("what is the vault code?", HERS) == []
    assert await shelf.find("what is the vault code?", HERS, other) == ["The vault code is 4711"]


async def test_only_the_types_that_are_asked_for_are_found_however_many_others_are_nearer(path: Path) -> None:
    async with open_shelf(path, embedder=CALLS) as shelf:
        for number in range(60):
            await shelf.remember(f"Deploys {number}")
        await shelf.remember("Before deploys, look whether the flag is up", type=MemoryType.LESSON)

        found = await shelf.find("releases", types={MemoryType.LESSON})

        assert found == ["Before deploys, look whether the flag is up"]


async def test_what_was_forgotten_keeps_nothing_else_from_being_found(path: Path) -> None:
    async with open_shelf(path, embedder=CALLS) as shelf:
        near = [await shelf.remember(f"Deploys {number}") for number in range(60)]
        await shelf.remember("Before deploys, look whether the flag is up")
        assert len(await shelf.find("releases")) == 8

        await shelf.store.forget(near, shelf.now, by=ALICE)

        assert await shelf.find("releases") == ["Before deploys, look whether the flag is up"]


async def test_what_expired_is_not_found(shelf: Shelf) -> None:
    await shelf.remember("The office is closed", expires_at=shelf.clock.now().replace(hour=12))
    assert await shelf.find("office") == ["The office is closed"]

    shelf.clock.pass_(hours=7)

    assert await shelf.find("office") == []


async def test_a_search_sees_what_came_and_what_went_since_the_last_one(shelf: Shelf) -> None:
    first = await shelf.remember("Deploys are on Tuesday")
    assert await shelf.find("deploys") == ["Deploys are on Tuesday"]
    await shelf.remember("Deploys need a green build")
    assert len(await shelf.find("deploys")) == 2

    await shelf.store.forget([first], shelf.now, by=ALICE)

    assert await shelf.find("deploys") == ["Deploys need a green build"]


async def test_what_another_process_remembers_and_forgets_is_seen(shelf: Shelf, path: Path) -> None:
    await shelf.remember("Deploys are on Tuesday")
    await shelf.find("deploys")
    async with Store(path, Signals(), shelf.clock) as other:
        vector = BagOfWords().vector_of("zebra crossing")
        kept = await other.remember(fact("Nobody deploys at night"), shelf.now, vector=vector)
        assert (await shelf.find("zebra crossing", limit=1)) == ["Nobody deploys at night"]

        await other.forget([kept.id], shelf.now, by=ALICE)

    assert await shelf.find("zebra crossing") == ["Deploys are on Tuesday"]


async def test_vectors_of_two_spaces_are_never_compared(shelf: Shelf) -> None:
    text = "Deploys are on Tuesday"
    vector = BagOfWords().vector_of(text)
    await shelf.store.remember(fact("Nothing in common"), shelf.now, vector=Vector(space="other", values=vector.values))

    assert await shelf.find(text) == []


async def test_memories_get_vectors_of_a_new_space_and_lose_the_old_ones(path: Path) -> None:
    async with open_shelf(path, embedder=BagOfWords("old")) as shelf:
        first = await shelf.remember("Deploys are on Tuesday")
        second = await shelf.remember("Lunch is at noon")
        new = BagOfWords("new", synonyms={"releases": "deploys"})
        shelf.embedder = new
        assert await shelf.find("releases") == []

        missing = await shelf.store.list_without_vector("new", limit=64)
        assert [id_ for id_, _ in missing] == [second, first]
        assert await shelf.store.keep_vectors({id_: new.vector_of(text) for id_, text in missing}) == 2

        assert await shelf.store.list_without_vector("new", limit=64) == ()
        assert (await shelf.find("releases", limit=1)) == ["Deploys are on Tuesday"]
        assert await shelf.store.drop_other_vectors("new") == 2
        assert await shelf.store.drop_other_vectors("new") == 0
        assert (await shelf.find("releases", limit=1)) == ["Deploys are on Tuesday"]


async def test_a_question_of_signs_alone_finds_nothing_by_words(wordy: Shelf) -> None:
    await wordy.remember("Deploys are on Tuesday")

    for text in ("", "?!", '" OR place : *', "🦆", "_", "NEAR(", "\0"):
        assert await wordy.find(text) == []


async def test_whatever_a_question_is_made_of_it_is_taken_for_words(wordy: Shelf) -> None:
    await wordy.remember('Quote " and AND near NOT deploys*', HIS)
    await wordy.remember("deploys")

    assert await wordy.find('deploys" OR place : "x* NOT (deploys) ^deploys -deploys + text:deploys') == ["deploys"]
