"""Each labelled set is what it says it is: half of its questions have no word in common with what answers them."""

import re
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from tests.runtime.memory.labelled.reading import SETS, LabelledSet, labelled_set

SAYING_NOTHING = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are at be becaus by do doe for from i in is it my not of on or our s the thi to was we were what with you
        """,
    )
)


def stems(text: str) -> frozenset[str]:
    """As the index of words takes them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2');"
            "CREATE VIRTUAL TABLE stems USING fts5vocab('words', 'row');"
        )
        connection.execute("INSERT INTO words VALUES (?)", (text,))
        return frozenset(row[0] for row in connection.execute("SELECT term FROM stems"))


@pytest.fixture(params=SETS)
def labelled(request: pytest.FixtureRequest) -> LabelledSet:
    return labelled_set(request.param)


def test_it_has_200_memories_and_60_questions_each_of_which_wants_one_of_them(labelled: LabelledSet) -> None:
    names = Counter(memory.name for memory in labelled.memories)
    assert names.total() == len(names) == 200
    assert len(labelled.queries) == 60
    assert {query.wants for query in labelled.queries} <= names.keys()


def test_half_of_the_questions_share_a_word_with_the_memory_that_they_want_and_half_share_none(
    labelled: LabelledSet,
) -> None:
    texts = {memory.name: memory.text for memory in labelled.memories}
    common = {query: stems(query.text) & stems(texts[query.wants]) - SAYING_NOTHING for query in labelled.queries}
    assert {query.text: shared for query, shared in common.items() if bool(shared) is not query.shares_a_word} == {}
    assert sum(query.shares_a_word for query in labelled.queries) == 30
