"""Cards and pages of awkward texts, for properties that hold for any content on any platform."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from runtime.contents import Argument, Button, Card, Entry, Page
from runtime.records import ApprovalKind, Requirement, Risk
from tests.platforms.samples import card

_EVERYWHERE = (
    "",
    " \n ",
    "🦆" * 400,
    "👩‍👩‍👧 \u202e\u2066 السلام عليكم",
    "".join(map(chr, range(32))) + "\x7f\x85\u2028",
    "\ud800 alone \udfff",
    "x" * 20_000,
    "\n" * 9_000,
    '"\\' * 6_000,
)


# One character of such a text is several on the way, in JSON or as a platform escapes it.
GROWING = ('"\\' * 6_000, "&" * 12_000, "\x01" * 5_000)


def awkward(*own: str) -> SearchStrategy[str]:
    """Any text, and those that trouble every platform, and its `own`."""
    return st.one_of(st.text(max_size=200), st.sampled_from([*_EVERYWHERE, *own]))


def awkward_cards(
    texts: SearchStrategy[str], *, longest_token: int, unique_by: Callable[[Button], Any] | None = None
) -> SearchStrategy[Card]:
    """`unique_by`: what tells the buttons of one card apart, where the platform needs that."""
    verbs = st.sampled_from(["approve", "always", "deny", "change", "show", "again", "retry", "x" * 300])
    tokens = st.text("abc.7", min_size=1, max_size=longest_token)
    styles = st.sampled_from(["", "primary", "danger", "fancy"])
    buttons = st.builds(Button, verb=verbs, label=texts, token=tokens, style=styles)
    return st.builds(
        card,
        title=texts,
        claim=texts,
        tool=texts,
        arguments=st.lists(st.builds(Argument, name=texts, text=texts), max_size=40).map(tuple),
        preview=texts,
        why_asked=texts,
        requested_by=texts,
        deciders=texts,
        workspace=texts,
        closing=texts,
        kind=st.sampled_from(ApprovalKind),
        risk=st.sampled_from(Risk),
        requirement=st.sampled_from(Requirement),
        buttons=st.lists(buttons, max_size=30, unique_by=unique_by).map(tuple),
    )


def awkward_pages(texts: SearchStrategy[str]) -> SearchStrategy[Page]:
    lines = st.builds(Entry, text=texts, detail=texts, token=st.text(max_size=60))
    tokens = st.text("ab 7", max_size=60)
    return st.builds(
        Page, title=texts, note=texts, entries=st.lists(lines, max_size=60).map(tuple), older=tokens, newer=tokens
    )


def fullest_card(text: str) -> Card:
    """Everything that a card can hold is this text."""
    return card(
        title=text,
        claim=text,
        tool=text,
        arguments=(Argument(name=text, text=text),) * 40,
        preview=text,
        why_asked=text,
        requested_by=text,
        deciders=text,
        workspace=text,
        closing=text,
        buttons=tuple(Button(verb="x" * 300, label=text, token=f"{number:a>90d}") for number in range(30)),
    )


def fullest_page(text: str) -> Page:
    entries = (Entry(text=text, detail=text, token="a" * 60),) * 60
    return Page(title=text, note=text, entries=entries, older="a" * 60, newer="b" * 60)
