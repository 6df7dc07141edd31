"""A platform's rate limits, kept on our side."""

from runtime.pace import Allowance


def test_an_allowance_is_for_any_minute() -> None:
    allowance = Allowance(2, window=60)

    assert [allowance.take(0), allowance.take(30), allowance.take(59), allowance.take(60), allowance.take(61)] == [
        True,
        True,
        False,
        True,
        False,
    ]
    allowance.close(100, 30)
    assert not allowance.take(129)
    assert allowance.take(130)
