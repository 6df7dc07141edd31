"""What somebody looks for is found: by words and vectors together no worse than by the better of the two."""

import asyncio
from pathlib import Path

import pytest

from runtime.memory.embedding.minilm import load_minilm
from runtime.signals import Signals
from storage.store import Store
from tests.runtime.memory.labelled.measuring import BOTH, VECTORS, WORDS, Ranks, quality, rank_labelled
from tests.runtime.memory.labelled.reading import SETS, labelled_set
from tests.storage.desk import Clock


@pytest.fixture(scope="module", params=SETS)
def ranks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ranks:
    return asyncio.run(rank_set(request.param, tmp_path_factory.mktemp("labelled")))


async def rank_set(name: str, folder: Path) -> Ranks:
    async with Store(folder / "mallard.db", Signals(), Clock()) as store:
        return await rank_labelled(labelled_set(name), store, load_minilm())


def test_vectors_find_what_shares_no_word_with_the_question(ranks: Ranks) -> None:
    apart = quality(ranks[VECTORS], lambda query: not query.shares_a_word)
    by_words = quality(ranks[WORDS], lambda query: not query.shares_a_word)
    assert by_words.recall_5 < 0.2
    assert apart.recall_5 > 0.6


def test_both_together_are_never_worse_than_the_better_of_the_two(ranks: Ranks) -> None:
    both, words, vectors = (quality(ranks[way]) for way in (BOTH, WORDS, VECTORS))
    assert both.recall_1 >= max(words.recall_1, vectors.recall_1)
    assert both.recall_5 >= max(words.recall_5, vectors.recall_5)
    assert both.mrr >= max(words.mrr, vectors.mrr)
