"""Two rankings become one."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.memory.fusion import COVERED, Hit, fuse
from runtime.memory.records import MemoryId


def hits(**scores: float) -> list[Hit]:
    return [Hit(MemoryId(ord(name)), score) for name, score in scores.items()]


def order(by_words: list[Hit], by_vector: list[Hit] | None) -> str:
    fits = fuse(by_words, by_vector)
    return "".join(chr(id_) for id_ in sorted(fits, key=lambda id_: -fits[id_]))


def test_without_vectors_the_ranking_is_that_of_the_words() -> None:
    assert order(hits(a=0.9, b=0.3, c=0.1), None) == "abc"


def test_one_word_by_chance_lifts_no_memory_over_the_one_that_is_nearest() -> None:
    assert order(hits(b=0.49, c=0.2), hits(a=0.6, b=0.5, c=0.4)) == "abc"


def test_of_two_that_are_near_the_one_that_covers_the_words_comes_first() -> None:
    assert order(hits(b=0.9), hits(a=0.6, b=0.5)) == "ba"


def test_what_has_no_vector_is_found_by_its_words() -> None:
    assert order(hits(c=1.0), hits(a=0.6, b=0.1)) == "acb"


def test_without_a_word_in_common_the_ranking_is_that_of_the_vectors() -> None:
    assert order([], hits(a=0.6, b=0.5)) == "ab"


scores = st.floats(0, 1, allow_nan=False)
lists = st.dictionaries(st.sampled_from("abcdefgh"), scores).map(lambda each: hits(**each))


@given(lists, lists)
def test_what_both_lists_put_before_another_stays_before_it(by_words: list[Hit], by_vector: list[Hit]) -> None:
    fits = fuse(by_words, by_vector)
    words = {hit.id: hit.score if hit.score >= COVERED else 0.0 for hit in by_words}
    near = {hit.id: hit.score for hit in by_vector}
    for one in near:
        for other in near:
            if near[one] >= near[other] and words.get(one, 0.0) >= words.get(other, 0.0):
                assert fits[one] >= fits[other]


@given(lists, lists)
def test_nothing_is_lost_that_is_near_or_covers_the_words(by_words: list[Hit], by_vector: list[Hit]) -> None:
    expected = {hit.id for hit in by_vector} | {hit.id for hit in by_words if hit.score >= COVERED}
    assert fuse(by_words, by_vector).keys() == expected
