"""What a run leaves behind, by how it ended and by how much was said before it."""

import pytest

from runtime.afterthoughts.legacy import afterthoughts_of
from runtime.afterthoughts.records import Summary
from runtime.proposals import Ending, Turn
from runtime.records import RunId
from tests.runtime.papers import a_run

MOST = 4


def turns(*numbers: int) -> tuple[Turn, ...]:
    return tuple(Turn(run_id=n, author="A", request="q", answer="a", status="completed") for n in numbers)


@pytest.mark.parametrize(
    ("ending", "reflect", "kinds"),
    [
        (Ending.ANSWERED, True, "memory reflection"),
        (Ending.ANSWERED, False, "memory"),
        (Ending.GAVE_UP, True, "reflection"),
        (Ending.GAVE_UP, False, ""),
        (Ending.CANCELLED, True, ""),
    ],
)
def test_what_is_owed_follows_from_the_ending(ending: Ending, reflect: bool, kinds: str) -> None:
    found = afterthoughts_of(a_run(reflect=reflect), ending, turns(1, 2), None, most_turns=MOST)
    assert found == tuple(kinds.split())


@pytest.mark.parametrize(
    ("numbers", "covered", "due"),
    [((1, 2, 3), None, False), ((1, 2, 3, 4), None, True), ((2, 3, 4, 5), 2, False), ((3, 4, 5, 6), 2, True)],
)
def test_a_summary_is_owed_once_no_turn_of_a_full_context_is_in_one(
    numbers: tuple[int, ...], covered: int | None, due: bool
) -> None:
    summary = covered and Summary(conversation_id=1, first_run=RunId(1), last_run=RunId(covered), text="")
    found = afterthoughts_of(a_run(), Ending.ANSWERED, turns(*numbers), summary or None, most_turns=MOST)
    assert ("summary" in found) == due
