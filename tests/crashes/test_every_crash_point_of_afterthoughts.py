"""Afterthoughts, counted out: the process is killed at every point from the run's ending on, and each is done exactly once."""

from pathlib import Path

import pytest

from runtime.records import Effect
from tests.crashes.enumeration import Enumeration
from tests.crashes.nursery import Nursery

ENDING = "before the commit of finish (1)"


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("gated", [False, True], ids=["first-run", "resumed-run"])
def test_a_kill_at_any_point_of_an_afterthought_leaves_it_done_once(
    nursery: Nursery, tmp_path: Path, gated: bool
) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=Effect.IDEMPOTENT, gated=gated, thinks=True)
    points = runs.points()
    points = points[points.index(ENDING) :]
    for point in points:
        runs.die_at(point)
    print(f"{len(points)} points from the ending on:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)


@pytest.mark.promise(31)
@pytest.mark.timeout(300)
def test_a_process_that_dies_while_it_thinks_again_leaves_it_done_once_too(nursery: Nursery, tmp_path: Path) -> None:
    runs = Enumeration(nursery=nursery, folder=tmp_path, effect=Effect.IDEMPOTENT, gated=False, thinks=True)
    points = runs.points()
    for point in points[points.index(ENDING) :]:
        runs.die_twice(point)
    assert not runs.failures, "\n".join(runs.failures)
