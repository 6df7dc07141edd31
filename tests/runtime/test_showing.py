"""Texts that a person has to judge by their looks."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.showing import begun, clipped, times_in, visible
from runtime.tools.visible import make_all_visible, make_prose_visible, make_visible

PLANES = [
    *range(0x40000),
    *range(0xE0000, 0xF0000),
    *range(0xFFFF, 0x110000, 0x10000),
    *range(0x40000, 0x110000, 0x10000),
]
ALL = [chr(code) for code in sorted(set(PLANES)) if chr(code) != "\n"]
"""Of the planes where nothing can be seen, the ends."""
IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Default_Ignorable_Code_Point of Unicode 17.0, 4,174 of them."""
EMOJI = [
    "👩\u200d💻", "👩🏽\u200d💻", "🏳\ufe0f\u200d🌈", "❤\ufe0f", "❤\ufe0f\u200d🔥", "✔\ufe0e", "1\ufe0f\u20e3", "#\ufe0f\u20e3",
    "👨\u200d👩\u200d👧\u200d👦", "🦆🦆", "👁\ufe0f\u200d🗨\ufe0f", "🏴\u200d☠\ufe0f",
]  # fmt: skip
ASTRAY = {
    "a\u200db": "a\\u200db",
    "👩\u200d": "👩\\u200d",
    "\u200d👩": "\\u200d👩",
    "👩\u200d\u200d💻": "👩\\u200d\\u200d💻",
    "❤\ufe0f\ufe0f": "❤\ufe0f\\ufe0f",
    "❤\ufe0e\u200d🔥": "❤\ufe0e\\u200d🔥",
    "a\ufe0f\u200d🔥": "a\\ufe0f\\u200d🔥",
    "1\ufe0f": "1\\ufe0f",
    "1\ufe0e\u20e3": "1\\ufe0e\u20e3",
    "a\ufe0f\u20e3": "a\\ufe0f\u20e3",
    "❤\ufe01": "❤\\ufe01",
    "葛\U000e0100": "葛\\U000e0100",
}


def texts() -> st.SearchStrategy[str]:
    """Any, and some where emoji are joined or seem to be."""
    return st.text() | st.lists(st.sampled_from([*EMOJI, *ASTRAY, *"ab\n", "\u200b", "\ufe0f", "\u20e3"])).map("".join)


def written_by(make: Callable[[str], str]) -> set[str]:
    """The characters of all of Unicode that do not stay, each in a line of its own."""
    return {each for each, line in zip(ALL, make("\n".join(ALL)).split("\n"), strict=True) if each != line}


def test_whatever_is_not_seen_is_written_out() -> None:
    unseen = {each for each in ALL if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")}
    unseen |= {chr(code) for first, last in IGNORABLE for code in range(first, last + 1)}
    unseen |= {each for each in ALL if ord(each) & 0xFFFE == 0xFFFE or "\ufdd0" <= each <= "\ufdef"}  # noncharacters
    unseen |= set("\N{BRAILLE PATTERN BLANK}\N{KHITAN SMALL SCRIPT FILLER}\N{MUSICAL SYMBOL NULL NOTEHEAD}")
    assert sorted(unseen - set("\t ") - written_by(visible)) == []
    assert sum(last + 1 - first for first, last in IGNORABLE) == 4_174


def test_letters_digits_marks_and_signs_stay() -> None:
    blank = {*"\u034f\u17b4\u17b5\u2800\ufffc\U00016fe4\U0001d159", *map(chr, range(0x180B, 0x1810))}
    blank |= {each for each in ALL if "HANGUL" in (name := unicodedata.name(each, "")) and "FILLER" in name}
    blank |= {each for each in ALL if "VARIATION SELECTOR" in unicodedata.name(each, "")}
    assert sorted(each for each in written_by(visible) - blank if unicodedata.category(each)[0] in "LMNPS") == []


def test_every_way_of_writing_out_knows_the_same_characters() -> None:
    assert written_by(make_visible) == written_by(make_all_visible) == written_by(visible)
    spaces = {each for each in ALL if unicodedata.category(each) == "Zs"}
    assert written_by(make_prose_visible) == written_by(visible) - spaces


@pytest.mark.parametrize("text", EMOJI)
def test_emoji_stay_as_they_are(text: str) -> None:
    for around in ("", "a", "🦆", "\n"):
        assert visible(f"{around}{text}{around}") == f"{around}{text}{around}"
    assert make_visible(text) == text
    assert not set(make_all_visible(text)) & set("\u200d\ufe0e\ufe0f")


@pytest.mark.parametrize("text", ASTRAY)
def test_what_joins_no_emoji_is_written_out(text: str) -> None:
    assert visible(text) == make_visible(text) == ASTRAY[text]


@given(text=texts())
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert make_visible(make_visible(text)) == make_visible(text)


@given(text=st.text())
def test_what_is_visible_holds_nothing_that_hides(text: str) -> None:
    shown = visible(text)

    assert not set(shown) & set("\x00\x07\x1b\u202e\u2066\u200b\ufeff\u2028\x7f")
    shown.encode()


@given(text=texts() | st.just("ls" + " " * 300 + "; rm -rf x"), limit=st.integers(1, 50))
def test_the_beginning_of_a_text_says_where_there_is_more(text: str, limit: int) -> None:
    line = begun(text, limit)

    assert len(line) <= limit
    assert line == " ".join(visible(text).split()) or line.endswith("…")


@given(text=texts(), limit=st.integers(1, 50))
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
