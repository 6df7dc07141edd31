"""Switches before a request hold for that message alone, on every platform; what only looks like one is a request."""

import pytest

from runtime.records import IncomingMessage, Reasoning
from runtime.switches import with_switches
from tests.runtime.papers import ALICE, NOON, POND


def heard(text: str, **changes: object) -> tuple[str, Reasoning | None, bool | None, bool | None]:
    message = IncomingMessage(id="1", where=POND, author=ALICE, text=text, sent_at=NOON, **changes)  # type: ignore[arg-type]
    found = with_switches(message)
    return found.text, found.reasoning, found.debug, found.reflect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reflect=off feed them", ("feed them", None, None, False)),
        ("REFLECT=ON feed them", ("feed them", None, None, True)),
        ("debug=on reflect=off  reasoning=auto feed\nthem", ("feed\nthem", Reasoning.AUTO, True, False)),
        ("reflect=on reflect=off feed them", ("feed them", None, None, False)),
        ("feed them reflect=off", ("feed them reflect=off", None, None, None)),
        ("reflect=off", ("reflect=off", None, None, None)),
        ("reflect=maybe feed them", ("reflect=maybe feed them", None, None, None)),
        ("reflect=offline feed them", ("reflect=offline feed them", None, None, None)),
        ("reflect = off", ("reflect = off", None, None, None)),
        ("debug=auto why", ("debug=auto why", None, None, None)),
    ],
)
def test_switches(text: str, expected: tuple[object, ...]) -> None:
    assert heard(text) == expected


def test_what_the_platform_was_told_in_its_own_way_goes_before() -> None:
    assert heard("reflect=off debug=on feed them", reflect=True) == ("feed them", None, True, True)
