"""What is left alone for a while: as long as a platform asks, and longer each time where it says nothing of use."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from runtime.holds import Holds
from runtime.pauses import seconds_asked
from tests.runtime.papers import NOON, POND

LAKE = replace(POND, channel="C2")
SEA = replace(POND, channel="C3")
ELSEWHERE = replace(POND, platform="discord")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        (0.5, 0.5),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_platform_asks_for_is_a_number_of_seconds_or_nothing(said: object, seconds: float | None) -> None:
    assert seconds_asked(said) == seconds


def test_a_channel_is_left_alone_for_as_long_as_the_platform_asks() -> None:
    holds = Holds()
    holds.refused(POND, NOON, 30.0)

    assert holds.left(POND, NOON) == 30 * SECOND
    assert holds.left(POND, NOON + 29 * SECOND) == SECOND
    assert not holds.left(POND, NOON + 30 * SECOND)
    assert not holds.left(LAKE, NOON)


@pytest.mark.parametrize("seconds", [0.0, 0.25, None])
def test_a_platform_that_asks_for_nothing_of_use_is_left_alone_longer_each_time(seconds: float | None) -> None:
    holds, waits = Holds(), []
    for _ in range(7):
        holds.refused(POND, NOON, seconds)
        waits.append(holds.left(POND, NOON).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 30, 30]

    holds.taken(POND)
    holds.refused(POND, NOON, seconds)
    assert holds.left(POND, NOON) == SECOND


def test_a_second_channel_that_is_refused_holds_back_the_whole_platform_and_no_other() -> None:
    holds = Holds()
    holds.refused(POND, NOON, 30.0)
    holds.refused(LAKE, NOON, 10.0)

    assert holds.left(SEA, NOON) == 10 * SECOND
    assert holds.left(POND, NOON) == 30 * SECOND
    assert not holds.left(ELSEWHERE, NOON)
    assert not holds.left(SEA, NOON + 10 * SECOND)


def test_channels_that_are_refused_one_after_another_hold_back_nobody_else() -> None:
    holds = Holds()
    holds.refused(POND, NOON, 30.0)
    holds.refused(LAKE, NOON + 30 * SECOND, 30.0)
    assert not holds.left(SEA, NOON + 30 * SECOND)


def test_nothing_is_left_alone_for_ever() -> None:
    holds = Holds()
    holds.refused(POND, NOON, 1e300)
    assert holds.left(POND, NOON) == timedelta(hours=1)


def test_a_clock_that_is_set_back_ends_what_began_later() -> None:
    holds = Holds()
    holds.refused(POND, NOON, 30.0)
    assert not holds.left(POND, NOON - timedelta(hours=2))
