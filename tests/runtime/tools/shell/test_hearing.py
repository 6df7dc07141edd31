"""What is heard of a command that was given a password."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runtime.tools.hearing import Veiled

DOTS = "•••••••".encode()
few_letters = st.text("ab", min_size=4, max_size=8).map(str.encode)


def heard(said: bytes, secret: bytes, cuts: list[int]) -> tuple[bytes, Veiled]:
    """All that is heard where it is said in pieces."""
    veiled = Veiled("here", bytearray(secret))
    edges = [0, *sorted(cut % (len(said) + 1) for cut in cuts), len(said)]
    pieces = [said[start:end] for start, end in itertools.pairwise(edges)]
    return b"".join([*map(veiled.add, pieces), veiled.end()]), veiled


@given(secret=few_letters, said=st.text("abc", max_size=60).map(str.encode), cuts=st.lists(st.integers(0, 200)))
def test_a_secret_is_never_heard_however_it_is_cut(secret: bytes, said: bytes, cuts: list[int]) -> None:
    found, _ = heard(b"here\n" + said, secret, cuts)

    assert secret not in found
    assert secret in said or found == said


@given(cuts=st.lists(st.integers(0, 200)))
def test_nothing_is_heard_of_what_is_said_before_it_begins(cuts: list[int]) -> None:
    found, veiled = heard(b"lecture\nhere\nquack duck-duck\n", b"duck-duck", cuts)

    assert found == b"quack " + DOTS + b"\n"
    assert (veiled.begun, veiled.before) == (True, "")


@given(cuts=st.lists(st.integers(0, 200)))
def test_what_is_said_instead_of_beginning_is_kept_without_the_secret(cuts: list[int]) -> None:
    found, veiled = heard(b"Sorry, duck-duck\n", b"duck-duck", cuts)

    assert (found, veiled.begun) == (b"", False)
    assert veiled.before == f"Sorry, {DOTS.decode()}\n"
