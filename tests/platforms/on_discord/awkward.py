"""Cards and pages of awkward texts, for properties that hold for any content."""

from hypothesis import strategies as st

from runtime.contents import Argument, Button, Entry, Page
from runtime.records import ApprovalKind, Requirement, Risk
from tests.platforms.samples import card

AWKWARD = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "",
            " \n ",
            "@everyone @here <@42> <@&43> <#44> </ask:45> <:duck:46> <t:1:R>",
            "``` `code` ``` **bold** _it_ ~~no~~ ||spoiler|| > quote",
            "# heading\n-# small\n- list\n1. list\n>>> quote",
            "[click](https://evil.example) https://evil.example <https://evil.example>",
            "🦆" * 400,
            "👩‍👩‍👧 \u202e\u2066 السلام עליכם",
            "".join(map(chr, range(32))) + "\x7f\x85\u2028",
            "\ud800 alone \udfff",
            "x" * 20_000,
            "`" * 9_000,
            "*" * 9_000,
            "\n" * 9_000,
            '"\\' * 6_000,
        ]
    ),
)
CARDS = st.builds(
    card,
    title=AWKWARD,
    claim=AWKWARD,
    tool=AWKWARD,
    arguments=st.lists(st.builds(Argument, name=AWKWARD, text=AWKWARD), max_size=40).map(tuple),
    preview=AWKWARD,
    why_asked=AWKWARD,
    requested_by=AWKWARD,
    deciders=AWKWARD,
    workspace=AWKWARD,
    closing=AWKWARD,
    kind=st.sampled_from(ApprovalKind),
    risk=st.sampled_from(Risk),
    requirement=st.sampled_from(Requirement),
    buttons=st.lists(
        st.builds(
            Button,
            verb=st.sampled_from(["approve", "always", "deny", "change", "show", "again", "retry", "x" * 300]),
            label=AWKWARD,
            token=st.text("abc.7", min_size=1, max_size=92),
            style=st.sampled_from(["", "primary", "danger", "fancy"]),
        ),
        max_size=30,
        unique_by=lambda button: button.token,
    ).map(tuple),
)
PAGES = st.builds(
    Page,
    title=AWKWARD,
    note=AWKWARD,
    entries=st.lists(st.builds(Entry, text=AWKWARD, detail=AWKWARD, token=st.text(max_size=60)), max_size=60).map(
        tuple
    ),
    older=st.text("ab 7", max_size=60),
    newer=st.text("ab 7", max_size=60),
)
