"""What stands behind `always 4`: read strictly, and written again as it was meant."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.commands import Decide, read_command
from runtime.grant_terms import EXACTLY, Terms, read_terms, write_terms
from runtime.records import GrantKind, GrantScope

PREFIX, TOOL = GrantKind.PREFIX, GrantKind.TOOL
ME, HERE, WORKSPACE = GrantScope.PERSON, GrantScope.CONVERSATION, GrantScope.WORKSPACE


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("text", "scope", "terms"),
    [
        ("always 4", ME, EXACTLY),
        ("always 4 prefix", ME, Terms(kind=PREFIX)),
        ("Always #4 Prefix HERE yes", HERE, Terms(kind=PREFIX, is_sure=True)),
        ("always 4 prefix: git log", ME, Terms(kind=PREFIX, prefix="git log")),
        ("always 4 prefix yes: git log", ME, Terms(kind=PREFIX, prefix="git log", is_sure=True)),
        ("always 4 tool", None, Terms(kind=TOOL)),
        ("always 4 tool here for 8h", HERE, Terms(kind=TOOL, lasts=timedelta(hours=8))),
        ("always 4 for 30 m", ME, Terms(lasts=timedelta(minutes=30))),
        ("always 4 5 times workspace", WORKSPACE, Terms(most_uses=5)),
        ("always 4 once for 2d", ME, Terms(most_uses=1, lasts=timedelta(days=2))),
    ],
)
def test_terms_are_read(text: str, scope: GrantScope | None, terms: Terms) -> None:
    assert read_command(text) == Decide(verb="always", number=4, scope=scope, terms=terms)


@pytest.mark.promise(3)
@pytest.mark.parametrize(
    "text",
    [
        "always 4 prefix prefix", "always 4 tool prefix", "always 4 me here", "always 4 for 8h for 9h", "always 4 5 times once",
        "always 4 times", "always 4 for 0h", "always 4 for 8", "always 4 for 8hours", "always 4 tool please", "always 4 yes yes",
        "always 4 5", "always 4 tool.here", "always 4 prefixhere", "always 4 for 8here",
    ],
)  # fmt: skip
def test_what_is_no_term_decides_nothing(text: str) -> None:
    command = read_command(text)
    assert isinstance(command, Decide)
    assert command.number is None


@pytest.mark.parametrize("text", ["approve 4 prefix", "deny 4 for 8h", "retry 4 once", "mark done 4 tool"])
def test_only_an_always_has_terms(text: str) -> None:
    command = read_command(text)
    assert command is None or (isinstance(command, Decide) and command.number is None)


TERMS = st.builds(
    Terms,
    kind=st.sampled_from([PREFIX, TOOL]),
    lasts=st.one_of(st.none(), st.builds(timedelta, minutes=st.integers(1, 9_999))),
    most_uses=st.one_of(st.none(), st.integers(1, 9_999)),
)


@given(TERMS, st.sampled_from(GrantScope))
def test_what_is_written_to_mean_it_is_read_as_what_was_shown(terms: Terms, scope: GrantScope) -> None:
    said = write_terms(terms, scope)
    read = read_terms(said)
    assert read is not None
    again, whose = read
    assert again == Terms(kind=terms.kind, lasts=terms.lasts, most_uses=terms.most_uses, is_sure=True)
    assert (whose or GrantScope.PERSON) is scope


def test_the_words_of_a_prefix_are_written_with_it() -> None:
    said = write_terms(Terms(kind=PREFIX, prefix="git log"), HERE)
    assert read_command(f"always 4 {said}") == Decide(
        verb="always", number=4, scope=HERE, terms=Terms(kind=PREFIX, prefix="git log", is_sure=True)
    )
