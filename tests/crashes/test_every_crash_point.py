"""Promise 31, counted out: the process is killed at every point of a gated run, and comes back to its old card."""

from pathlib import Path

import pytest

from runtime.records import Effect
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
