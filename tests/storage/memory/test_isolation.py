"""Nothing crosses: what is one person's, one channel's or one workspace's is found by its own runs, and by no others."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.storage.memory.machine import TRIED, Isolation


@pytest.mark.promise(30)
@pytest.mark.timeout(300)
def test_no_sequence_of_people_scopes_and_searches_lets_anything_cross() -> None:
    TRIED.clear()

    run_state_machine_as_test(
        Isolation,
        settings=settings(
            max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

    print(dict(TRIED))
    assert TRIED["would have fitted, and was another's"] > TRIED["searched"], "too little was there to cross"
