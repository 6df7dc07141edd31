"""Whether Discord would take what was made."""

from typing import Any

from bots.discord import components
from tests.fakes.discord.layout.check import problems_in_components

MARK = 123_456_789


def check_taken(made: list[dict[str, Any]], *, mark: int = MARK) -> None:
    assert problems_in_components(made, v2=True) == []
    assert components.length_of(made) <= 4_000
    assert components.count_of(made) <= 40
    assert components.mark_in(made) == mark
