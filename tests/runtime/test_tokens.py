"""What a button carries: it comes back as it left, and nothing else is taken for one."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.contents import VERB_LABELS
from runtime.records import ApprovalId
from runtime.tokens import Token, read_token

tokens = st.builds(
    Token,
    installation=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
    approval_id=st.integers(0, 10**18 - 1).map(ApprovalId),
    verb=st.sampled_from(sorted(VERB_LABELS)),
)


@given(token=tokens)
def test_a_token_comes_back_as_it_left_and_fits_every_platform(token: Token) -> None:
    assert read_token(str(token)) == token
    assert len(str(token)) <= 100
    assert str(token).isascii()


@given(text=st.text())
def test_whatever_is_read_is_exactly_what_would_be_written(text: str) -> None:
    read = read_token(text)
    assert read is None or str(read) == text or text.split(".")[1].startswith("0")


@given(token=tokens, before=st.text(max_size=2), after=st.text(max_size=2))
def test_more_than_a_token_is_none(token: Token, before: str, after: str) -> None:
    read = read_token(f"{before}{token}{after}")
    assert read is None or not before
    if read is not None and after:
        assert after.isascii()
        assert read.verb == token.verb + after


def test_what_looks_like_one_is_none() -> None:
    for text in ("", "a.1.approve", "abcdef01.x.approve", "abcdef01.1.", "abcdef01.1.approve ", "abcdef01.١.approve",
                 "ABCDEF01.1.approve", "abcdef01.-1.approve", "abcdef01.1.approve\n", "abcdef01.1"):  # fmt: skip
        assert read_token(text) is None, text
