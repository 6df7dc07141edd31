"""Importance fades with age and grows with use; it decides between memories that fit alike, and no more."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runtime.memory.records import Memory, MemoryId, MemoryType
from runtime.memory.weighing import HALF_LIFE, SWAY, ranked, weight_of
from tests.storage.desk import ALICE, DAWN
from tests.storage.memory.shelf import HERS


def memory(**changes: Any) -> Memory:
    given_: dict[str, Any] = {
        "id": MemoryId(1), "text": "x", "place": HERS, "type": MemoryType.FACT, "importance": 0.8, "said_by": ALICE,
        "run_id": None, "metadata": {}, "created_at": DAWN, "used_at": DAWN,
    }  # fmt: skip
    return Memory(**(given_ | changes))


def test_importance_halves_with_each_half_life_that_nobody_made_use_of_a_memory() -> None:
    assert weight_of(memory(), DAWN) == 0.8
    assert weight_of(memory(), DAWN + HALF_LIFE) == 0.4
    assert weight_of(memory(used_at=DAWN + HALF_LIFE), DAWN + HALF_LIFE) == 0.8


def test_what_is_pinned_does_not_fade() -> None:
    assert weight_of(memory(pinned=True), DAWN + 10 * HALF_LIFE) == 0.8


def test_use_adds_to_weight_ever_more_slowly() -> None:
    none, one, three, hundreds = (weight_of(memory(importance=0.2, uses=uses), DAWN) for uses in (0, 1, 3, 900))
    assert none < one < three < hundreds == 1.0
    assert one - none > (three - one) / 2


def test_a_lesson_weighs_as_much_as_it_has_proved_itself() -> None:
    def lesson(helped: int, misled: int) -> float:
        return weight_of(memory(type=MemoryType.LESSON, helped=helped, misled=misled), DAWN)

    assert lesson(0, 3) < lesson(0, 0) < lesson(3, 0)


def test_a_clock_that_was_set_back_adds_nothing() -> None:
    assert weight_of(memory(), DAWN - HALF_LIFE) == 0.8


@given(
    st.floats(0, 1),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(0, 10**5),
    st.integers(0, 10**5),
    st.booleans(),
)
def test_weight_sways_the_ranking_by_a_bounded_part(
    importance: float, uses: int, helped: int, misled: int, days: int, pinned: bool
) -> None:
    for type_ in (MemoryType.FACT, MemoryType.LESSON):
        one = memory(importance=importance, uses=uses, helped=helped, misled=misled, pinned=pinned, type=type_)
        assert 0 <= weight_of(one, DAWN + timedelta(days=days)) <= 1
        assert 0.5 <= ranked(0.5, one, DAWN + timedelta(days=days)) <= 0.5 + SWAY
