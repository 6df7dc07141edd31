"""Nothing is put off for longer than a clock may lie about, and nobody sleeps through its being set."""

from datetime import timedelta

import pytest

from runtime import worker
from runtime.afterthoughts import worker as afterthoughts
from runtime.ladder import back_off
from runtime.loop import MODEL_PAUSES
from runtime.pauses import LONGEST_PAUSE, nap
from tests.runtime.papers import NOON


def test_no_pause_is_longer_than_what_the_record_takes_for_a_clock_that_was_set_back() -> None:
    assert max(back_off(attempts) for attempts in range(1, 2_000)) == LONGEST_PAUSE
    assert max(*worker.PAUSES, *afterthoughts.PAUSES, *MODEL_PAUSES) <= LONGEST_PAUSE


@pytest.mark.parametrize(("away", "seconds"), [(-5, 0.01), (0, 0.01), (2, 2), (60, 60), (300, 60), (7_200, 60)])
def test_what_is_due_later_is_looked_for_once_a_minute(away: float, seconds: float) -> None:
    assert nap(NOON + timedelta(seconds=away), NOON) == seconds
