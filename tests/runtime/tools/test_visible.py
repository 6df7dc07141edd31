"""Nothing hides in a text, and what is left out is counted."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.tools.capture import Capture
from runtime.tools.visible import make_all_visible, make_visible, shorten


@settings(deadline=None)
@given(st.text(st.characters()))
def test_no_control_character_stays(text: str) -> None:
    seen = make_visible(text)

    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in seen)
    assert seen.encode().decode() == seen


@pytest.mark.parametrize("text", ["plain\n\tтекст שלום", "👩‍💻 ❤️", "e\u0301"])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert make_visible(text) == text


def test_a_command_shows_even_its_joiners() -> None:
    assert make_all_visible("rm\u200d x\u202e") == "rm\\u200d x\\u202e"


@settings(deadline=None)
@given(st.text(max_size=400), st.integers(min_value=70, max_value=300))
def test_a_shortened_text_fits_and_accounts_for_every_character(text: str, cap: int) -> None:
    shown, left_out = shorten(text, cap)

    assert len(shown) <= cap
    assert (shown == text) == (left_out == 0)
    if left_out:
        assert f"{left_out:,} characters left out" in shown
        assert shown[0] == text[0]
        assert shown[-1] == text[-1]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(min_value=2, max_value=60))
def test_a_capture_is_bounded_and_accounts_for_every_character(chunks: list[bytes], room: int) -> None:
    capture = Capture(room)
    whole = "".join(capture.add(chunk) for chunk in chunks) + capture.add(b"", last=True)

    assert capture.size == sum(map(len, chunks))
    if capture.left_out:
        notice = f"\n[… {capture.left_out:,} characters left out …]\n"
        head, _, tail = str(capture).partition(notice)
        assert whole.startswith(head)
        assert whole.endswith(tail)
        assert len(head) + len(tail) == room == len(whole) - capture.left_out
    else:
        assert str(capture) == whole


def test_a_character_torn_between_two_chunks_is_whole_again() -> None:
    capture = Capture(100)

    assert [capture.add(b"\xe2\x82"), capture.add(b"\xac\r"), capture.add(b"\nx", last=True)] == ["", "€", "\nx"]
