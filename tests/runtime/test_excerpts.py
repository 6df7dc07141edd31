"""What of a card's texts is shown where room is short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.contents import Argument
from runtime.excerpts import Excerpt, excerpts, fits_beside, gist
from tests.platforms.samples import card

TEXTS = st.lists(st.text(max_size=80) | st.sampled_from(["x" * 500, "\n" * 90, "\ud800", "🦆" * 200]), max_size=30)


@pytest.mark.promise(13)
def test_the_bytes_left_out_are_counted_exactly() -> None:
    shown = card(arguments=(Argument(name="content", text="ä" * 50_000),))

    (excerpt,) = excerpts(shown, 4_000)

    assert excerpt.text == "ä" * 4_000
    assert excerpt.left_out == 2 * 46_000


@pytest.mark.promise(13)
@given(texts=TEXTS, preview=st.text(max_size=300), room=st.integers(0, 400))
def test_excerpts_stay_in_the_room_and_leave_nothing_out_unsaid(texts: list[str], preview: str, room: int) -> None:
    arguments = tuple(Argument(name=f"a{number}", text=text) for number, text in enumerate(texts))

    shown = excerpts(card(arguments=arguments, preview=preview), room)

    listed = [excerpt for excerpt in shown if not excerpt.name.endswith("more arguments")]
    assert sum(len(excerpt.text) for excerpt in listed) <= room
    assert len(listed) == min(len(texts), 20) + bool(preview)
    if not sum(excerpt.left_out for excerpt in shown):
        assert all(text.isprintable() is False or text in [each.text for each in listed] for text in texts)


def test_short_arguments_are_whole_and_long_ones_share_what_is_left() -> None:
    long = "y" * 50_000
    arguments = (Argument(name="b", text=long), Argument(name="a", text="short"), Argument(name="c", text=long))

    shown = excerpts(card(arguments=arguments), 305)

    assert shown == [
        Excerpt(name="b", text="y" * 150, left_out=50_000 - 150),
        Excerpt(name="a", text="short", left_out=0),
        Excerpt(name="c", text="y" * 150, left_out=50_000 - 150),
    ]


@pytest.mark.parametrize("text", ["", " x", "x ", "a\nb", "a\tb", "a  b", "x" * 81])
def test_what_a_line_would_spoil_does_not_stand_in_one(text: str) -> None:
    assert not fits_beside(Excerpt(name="a", text=text, left_out=0))
    assert fits_beside(Excerpt(name="a", text="du -sh pond", left_out=0))


def test_the_gist_of_a_call_is_its_first_argument_in_one_line() -> None:
    assert gist(card(arguments=(Argument(name="command", text="du \n -sh\u202e pond"),))) == "du -sh\\u202e pond"
    assert gist(card(arguments=(Argument(name="command", text="ls" + " " * 400 + "; rm -rf x"),))) == "ls…"
    assert gist(card(arguments=())) == ""
