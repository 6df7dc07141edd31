"""Texts that a person has to judge by their looks."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.showing import clipped, times_in, visible


@given(text=st.text())
def test_what_is_visible_holds_nothing_that_hides(text: str) -> None:
    shown = visible(text)

    assert not set(shown) & set("\x00\x07\x1b\u202e\u2066\u200b\ufeff\u2028\x7f")
    shown.encode()


@given(text=st.text(), limit=st.integers(1, 50))
def test_clipping_counts_what_it_leaves_out(text: str, limit: int) -> None:
    shown, left_out = clipped(text, limit)

    assert len(shown) <= limit
    assert visible(text).startswith(shown)
    kept = next(n for n in range(len(text) + 1) if len(text[n:].encode()) == left_out)
    assert visible(text[:kept]) == shown
    assert left_out > 0 or shown == visible(text)


@given(
    text=st.text()
    | st.lists(st.sampled_from(["on ", "2026-03-01", " at ", " ", "09:30", ":15", " UTC", "x"])).map("".join)
)
def test_times_are_found_and_nothing_else_is_touched(text: str) -> None:
    assert "".join(before + words for before, _, words in times_in(text)) == text
