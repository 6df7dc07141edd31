"""The table of promises: what is proven where, why not elsewhere, and what is missing."""

from tests.promises import NO_PLATFORMS, PLATFORMS, PROMISES, missing, table

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
