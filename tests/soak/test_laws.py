"""What a soak calls broken is broken, and what it lets pass is well."""

from collections.abc import Sequence
from pathlib import Path

from tests.runtime.stage import open_stage
from tests.soak import laws
from tests.soak.jobs import Job, Kind, answer_to
from tests.soak.laws import Scene
from tests.stories.books import Books, Page, Worked
from tests.stories.sides.side import Asked, Standing

_HERE = "pond/1"
_STOPPED = "Stopped by slack:T1/UALICE. (run 1)"


def test_an_answer_of_which_a_part_is_missing_is_broken() -> None:
    whole = answer_to(1, "tell at length")
    half = whole[: len(whole) // 2]

    assert not laws.broken_now(scene("completed", whole, kind="tell at length"))
    assert not laws.broken_now(scene("completed", half, kind="tell at length", answered=False))
    (broken,) = laws.broken_now(scene("completed", half, kind="tell at length"))
    assert "parts are missing" in broken


def test_the_last_words_of_a_stopped_run_are_that_it_was_stopped() -> None:
    assert not laws.broken_now(scene("cancelled", _STOPPED))
    assert not laws.broken_now(scene("cancelled", answered=False))


def test_a_stopped_run_is_broken_where_nothing_says_so_or_its_answer_still_stands() -> None:
    (silent,) = laws.broken_now(scene("cancelled", "something else"))
    assert "nothing says so" in silent

    (half_said,) = laws.broken_now(scene("cancelled", _STOPPED, answer_to(1, "tell")))
    assert "still stand" in half_said


async def test_what_was_said_is_left_until_it_was_heard(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        books = Books(tmp_path / "mallard.db")
        await stage.says_to_mallard("help", id="1.1")
        (reply, unheard) = books.restless(["1.1", "1.2"])

    assert reply[0] == "delivery of page"
    assert unheard[:2] == ("message", "1.2")


def scene(status: str, *said: str, kind: Kind = "tell", answered: bool = True) -> Scene:
    """One job of one run, and what was said where it was asked."""
    job = Job(number=1, side="slack", place="channel", kind=kind)
    return Scene(
        jobs={1: job},
        asked={1: Asked(message=None, place=_HERE)},
        sides={},
        standing={"slack": standing(said)},
        ledger=[],
        page=Page(
            runs=[Worked(id=1, request=job.request, status=status, failure="")],
            approvals=[],
            answered={1} if answered else set(),
            decided=0,
            refused=0,
            faults_of_trail=[],
        ),
        intrusions=0,
        is_at_rest=False,
        logs={},
        at_terminal=[],
    )


def standing(said: Sequence[str]) -> list[Standing]:
    return [Standing(text=text, place=_HERE, is_private=False, labels=(), message=None) for text in said]
