"""Promises 31 and 34 under load: two real processes and the terminal on one database, while people talk and decide on both
platforms, processes die, and platforms misbehave. `make soak` has the long form."""

import random
from pathlib import Path

import pytest

from tests.soak.plan import Plan
from tests.soak.soak import soak


@pytest.mark.promise(31)
@pytest.mark.promise(34)
@pytest.mark.timeout(900)
async def test_nothing_is_lost_or_done_twice_and_each_answer_is_where_it_belongs(tmp_path: Path) -> None:
    outcome = await soak(Plan(seed=random.randrange(2**32)), tmp_path)

    print(outcome)
    assert not outcome.broken, str(outcome)
