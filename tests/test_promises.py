"""The tables of promises and mistakes: what is proven where, why not elsewhere, and what is missing."""

import subprocess
import sys
from pathlib import Path

from tests.promises import (
    CHATS,
    MISTAKES,
    NO_PLATFORMS,
    NOT_MADE,
    PLATFORMS,
    PROMISES,
    missing,
    mistakes_table,
    table,
    unkept,
)

CELLS = {
    (1, "slack"): ["tests/a.py::test_one[slack]", "tests/a.py::test_one[slack-2]"],
    (1, "discord"): ["tests/c.py::test_three"],
    (1, "core"): ["b.py::test_two"],
}
REASONS = {(1, "terminal"): ["nobody else speaks there"]}


def test_a_reason_stands_where_nothing_is_to_be_proven() -> None:
    lines = table(CELLS, REASONS).splitlines()

    row = next(number for number, line in enumerate(lines) if line.startswith("  1 "))
    assert lines[row].split()[-4:] == ["1", "2", "1", "–"]
    assert lines[row + 1] == "     – terminal: nobody else speaks there"
    assert "     slack     a: test_one ×2" in lines


def test_what_is_neither_proven_nor_explained_is_missing() -> None:
    gaps = missing(CELLS, REASONS)

    assert {number for number, _ in gaps} == set(PROMISES) - {1} - set(NO_PLATFORMS)
    assert len(gaps) == len(PLATFORMS) * len({number for number, _ in gaps})
    assert missing(CELLS, {}) == [(1, "terminal"), *gaps]


def test_a_mistake_that_is_kept_out_of_one_platform_only_is_missing_on_the_other() -> None:
    cells = {(1, "slack"): ["tests/a.py::test_one[slack]"], (2, "core"): ["tests/b.py::test_two"]}

    gaps = unkept(cells)

    assert {(1, "discord"), (2, "slack"), (2, "discord")} <= set(gaps)
    assert len(gaps) == len(CHATS) * len(MISTAKES) - len(NOT_MADE) - 1
    assert "Mistakes that nothing keeps out of slack: 2, 3, 4," in mistakes_table(cells)


def test_every_promise_is_proven_and_every_mistake_kept_out_wherever_it_makes_sense() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.promises"], cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr + done.stdout[-600:]
