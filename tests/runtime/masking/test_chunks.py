"""A secret that comes in pieces is not shown in any of them."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.masking import Chunks, Masker
from tests.runtime.masking.samples import IN_CONTEXT, ORDINARY, SECRETS
from tests.runtime.masking.test_masker import MASKER, NAME, ODD, VALUE

TEXTS = [
    *(f"It is {secret} and that was it.\nGood bye." for secret in (*SECRETS.values(), VALUE, ODD)),
    *(text for _, text in IN_CONTEXT.values()),
]


def shown(pieces: list[str], masker: Masker = MASKER) -> list[str]:
    chunks = Chunks(masker)
    return [*(chunks.add(piece) for piece in pieces), chunks.end()]


def cut(text: str, places: list[int]) -> list[str]:
    ends = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


@given(st.sampled_from(TEXTS), st.lists(st.integers(0, 2_000), max_size=12))
def test_pieces_together_say_what_the_whole_would(text: str, places: list[int]) -> None:
    assert "".join(shown(cut(text, places))) == MASKER.mask(text)


@pytest.mark.parametrize("text", TEXTS)
def test_letter_by_letter_nothing_of_a_secret_is_shown(text: str) -> None:
    assert "".join(shown(list(text))) == MASKER.mask(text)


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_ordinary_text_comes_out_as_it_went_in(kind: str, size: int) -> None:
    text = ORDINARY[kind]
    assert "".join(shown([text[at : at + size] for at in range(0, len(text), size)])) == text


def test_words_are_shown_as_soon_as_they_are_complete() -> None:
    assert shown(["Hel", "lo wor", "ld, how", " are ", "you?"]) == ["", "Hello ", "world, ", "how are ", "", "you?"]


def test_a_picture_does_not_have_to_end_before_its_beginning_is_shown() -> None:
    pieces = shown(["x" * 1_000] * 20)
    assert "".join(pieces) == "x" * 20_000
    assert sum(map(bool, pieces)) > 5


def test_a_stream_that_breaks_off_inside_a_value_of_ours_shows_nothing_of_it() -> None:
    assert "".join(shown(["it is ", VALUE[:10], VALUE[10:25]])) == f"it is ••••••• value of {NAME}"


@given(st.lists(st.text(max_size=30), max_size=20))
@example(["-----BEGIN RSA PRIV" + "ATE KEY-----\n", "a b", "."])
def test_nothing_is_lost_and_nothing_comes_twice(pieces: list[str]) -> None:
    assert "".join(shown(pieces)) == MASKER.mask("".join(pieces))
