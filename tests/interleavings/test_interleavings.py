"""Whatever is interleaved with whatever, what must hold holds; and in the end nothing is stuck."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.interleavings.machine import Interleavings


@pytest.mark.promise(31)
@pytest.mark.promise(34)
@pytest.mark.timeout(300)
def test_no_order_of_events_breaks_a_promise() -> None:
    run_state_machine_as_test(
        Interleavings,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
