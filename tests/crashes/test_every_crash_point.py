"""Promise 31, counted out: the process is killed at every point of a gated run, and comes back to its old card."""

from pathlib import Path

import pytest

from runtime.records import Effect
from tests.crashes.aftermath import count_approvals, count_deeds
from tests.crashes.enumeration import Enumeration
from tests.crashes.nursery import Nursery


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("effect", Effect)
def test_a_kill_at_any_point_loses_nothing_and_repeats_nothing(
    nursery: Nursery, tmp_path: Path, effect: Effect
) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=effect)
    points = runs.points()
    for point in points:
        runs.die_at(point)
    print(f"{len(points)} points, effect {effect}:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("effect", [Effect.EXTERNAL, Effect.IDEMPOTENT])
def test_a_run_that_asks_nobody_survives_a_kill_at_any_point_too(
    nursery: Nursery, tmp_path: Path, effect: Effect
) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=effect, gated=False)
    points = runs.points()
    for point in points:
        runs.die_at(point)
    print(f"{len(points)} points of a run without a card, effect {effect}:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)


@pytest.mark.promise(31)
@pytest.mark.promise(32)
@pytest.mark.parametrize(
    ("gated", "point"),
    [(True, "after the commit of settle (1)"), (False, "after the commit of record_step (1)")],
    ids=["made-ready-by-a-yes", "ready-by-itself"],
)
@pytest.mark.parametrize(
    ("effect", "questions", "deeds"), [(Effect.EXTERNAL, 1, 0), (Effect.IDEMPOTENT, 0, 1), (Effect.NONE, 0, 1)]
)
def test_a_kill_between_the_commit_that_starts_a_call_and_its_tool_asks_or_runs_it_again(
    nursery: Nursery, tmp_path: Path, gated: bool, point: str, effect: Effect, questions: int, deeds: int
) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=effect, gated=gated)
    folder = runs.come_back_from(point)
    assert not runs.failures, "\n".join(runs.failures)
    assert folder is not None
    assert count_approvals(folder) == questions + gated
    assert count_deeds(folder) == deeds


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
def test_an_answer_that_the_courier_brings_survives_as_one_that_is_streamed(nursery: Nursery, tmp_path: Path) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=Effect.EXTERNAL, streams=False)
    points = runs.points()
    for point in points:
        runs.die_at(point)
    print(f"{len(points)} points without streaming:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
def test_a_process_that_dies_while_it_recovers_from_a_death_recovers_from_both(
    nursery: Nursery, tmp_path: Path
) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=Effect.EXTERNAL)
    for point in runs.points():
        runs.die_twice(point)
    assert not runs.failures, "\n".join(runs.failures)


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
def test_a_question_and_its_answer_survive_a_kill_at_any_point(nursery: Nursery, tmp_path: Path) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=Effect.NONE, question=True)
    points = runs.points()
    for point in points:
        runs.die_at(point)
    print(f"{len(points)} points of a question:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)
