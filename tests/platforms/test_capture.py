"""Whoever asks for a capture gets all traffic: no test makes a loopback that does not know of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.capture import RUDE

TESTS = Path(__file__).parents[1]
MAKERS = frozenset({"Slack", "Discord", "pond_with_app", "pond_with_bot"})
ELSEWHERE = frozenset({"fakes", "soak"})  # what others make loopbacks of, and what is started by hand


def uncaptured(file: Path) -> Iterator[str]:
    text = file.read_text()
    if not any(f"{maker}(" in text for maker in MAKERS):
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in MAKERS:
            continue
        if not any(given.arg == "capture" for given in node.keywords):
            yield f"{file.relative_to(TESTS)}:{node.lineno}"


def test_every_loopback_of_a_test_knows_of_the_capture_but_those_that_are_treated_rudely_on_purpose() -> None:
    files = [file for file in TESTS.rglob("*.py") if not {*file.relative_to(TESTS).parts} & ELSEWHERE]
    deaf = {file.name: [*uncaptured(file)] for file in files}

    assert [place for name, places in deaf.items() if name not in RUDE for place in places] == []
    assert {name for name, places in deaf.items() if places} == RUDE
