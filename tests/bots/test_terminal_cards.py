"""How cards stand in a terminal: what a model or a tool wrote never passes for a line of the card's own."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bots.terminal.colours import ColourScreen
from bots.terminal.layout import EDGE, hang
from bots.terminal.wording import write_content
from runtime.contents import Argument, Button, Card, Content, Entry, File, Page, Text
from runtime.excerpts import name_on
from runtime.questions import option_verb
from runtime.records import ApprovalKind
from tests.bots.cards import PERMISSION, make_card

OWN = ("Approval 4: may", "tool  ", "asked by  ", "may decide ", "workspace  ", "expires  ")
FORGED = "rm hello.txt " + "b" * 66 + " command: ls " + "b" * 80 + " timeout_s: 60"


def shown(content: Content, width: int, *, whole: bool = False) -> str:
    """What a terminal of that width shows, without colours."""
    out = io.StringIO()
    ColourScreen(Console(file=out, width=width, highlight=False)).show(content, whole=whole)
    return out.getvalue()


def inside(printed: str, width: int) -> list[str]:
    """The lines between the upper and the lower edge, which is whole."""
    top, *lines, bottom = printed.splitlines()
    assert (top[0], top[-1], bottom[0], bottom[-1]) == ("┏", "┓", "┗", "┛")
    assert {cell_len(line) for line in lines} == {width}
    assert all(line.startswith(f"{EDGE} ") and line.endswith(f" {EDGE}") for line in lines)
    return [line[2:-2].rstrip() for line in lines]


def own_lines(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith(("    ", "  ↳"))]


def soft_wrapped(text: str, width: int) -> list[str]:
    """What a terminal makes of a text that was printed for none in particular."""
    return [line[at : at + width] for line in text.split("\n") for at in range(0, max(len(line), 1), width)]


def full_card(text: str) -> Card:
    return make_card(
        title=f"Approval 4: may I run {text}?",
        tool=text,
        why_asked=text,
        requested_by=text,
        workspace=text,
        claim=text,
        arguments=(Argument(name="command", text=text), Argument(name=text, text=text)),
        preview=text,
        deciders=text,
        closing=f"Denied by {text}",
    )


def labels_of(card: Card) -> list[str]:
    """How the card's own lines begin, in order."""
    claim = ["the agent"] * bool(card.claim)
    named = name_on(card, card.arguments[1])[:1]
    preview = ["what it"] * bool(card.preview)
    return [*OWN, *claim, "command", named, *preview, "digest ", "Denied by"]


def assert_only_its_own(lines: list[str], card: Card, *, titled: bool) -> None:
    expected = labels_of(card)[not titled :]
    begun = own_lines(lines)[: len(expected)]
    assert len(begun) == len(expected)
    for line, label in zip(begun, expected, strict=True):
        assert line.startswith(label.rstrip()[: len(line)])
    keys = own_lines(lines)[len(expected) :]
    assert all(line.startswith("[") and line[2:4] == " 4" for line in keys)


WRITTEN = st.text(st.characters(codec=None), max_size=120) | st.lists(
    st.sampled_from(["x" * 30, "command: ls", "\n", " ", "┃ expires    never", "┃", "may decide anybody", "\t", "日本", "👩‍🚀"]),
    max_size=12,
).map("".join)  # fmt: skip


@pytest.mark.promise(12)
@given(text=WRITTEN, width=st.sampled_from([20, 27, 40, 100, 160]))
def test_in_a_box_of_any_width_only_the_cards_own_lines_begin_in_its_first_column(text: str, width: int) -> None:
    card = full_card(text)
    printed = shown(card, width, whole=True)
    assert_only_its_own(inside(printed, width), card, titled="Approval 4" not in printed.splitlines()[0])


@pytest.mark.promise(12)
@given(text=WRITTEN, width=st.sampled_from([20, 27, 40, 100, 160]))
def test_what_a_terminal_breaks_of_a_plain_card_has_no_edge(text: str, width: int) -> None:
    card = full_card(text)
    lines = soft_wrapped(write_content(card, whole=True), width)
    assert_only_its_own([line[2:] for line in lines if line.startswith(EDGE)], card, titled=True)


@given(text=st.text(st.characters(codec=None, exclude_characters="\n\t"), max_size=300), width=st.integers(12, 60))
def test_a_line_that_hangs_is_all_there_and_fits(text: str, width: int) -> None:
    first, *others = hang(text, width)
    assert all(other.startswith("  ↳ ") for other in others)
    assert first + "".join(other[4:] for other in others) == text
    assert all(cell_len(line) <= width for line in (first, *others))


def test_a_long_command_forges_no_field() -> None:
    card = make_card(arguments=(Argument(name="command", text=FORGED), Argument(name="timeout_s", text="60")))
    for width in (20, 40, 100):
        lines = inside(shown(card, width), width)
        assert [line for line in lines if line.startswith(("command", "timeout_s"))] == [
            next(line for line in lines if line.startswith("command: rm")),
            "timeout_s: 60",
        ]


def test_a_long_line_of_a_difference_goes_on_as_no_other_line_does() -> None:
    lines = inside(shown(make_card(preview="-old\n+" + "n" * 200 + " -rm\n same"), 60), 60)
    at = lines.index("    -old")
    assert lines[at + 1].startswith("    +nnn")
    assert [line[:4] for line in lines[at + 2 :]][:4] == ["  ↳ ", "  ↳ ", "  ↳ ", "    "]


def test_a_name_that_reads_like_words_of_the_card_is_quoted() -> None:
    card = make_card(arguments=(Argument(name="may decide", text="anybody"), Argument(name="a\nb: c", text="d")))
    written = write_content(card)
    assert "┃ “may decide”: anybody" in written
    assert "┃ “a b: c”: d" in written


def test_what_is_left_out_is_said_in_the_cards_own_column() -> None:
    written = write_content(make_card(arguments=(Argument(name="content", text="x\n" * 100),)))
    assert "\n┃ … 153 bytes more: s 4 shows everything" in written


@pytest.mark.parametrize(
    "content",
    [
        Text(markdown=f"# a\n\n{EDGE} tool       list_files\n\n```\n{EDGE} expires\n```"),
        File(name=f"{EDGE} a.txt", text=f"b\n{EDGE} tool", comment=EDGE),
        Page(title=EDGE, entries=(Entry(text=EDGE, detail=EDGE),), note=f"{EDGE} tool"),
    ],
)
def test_nothing_but_a_card_draws_the_edge_of_one(content: Content) -> None:
    assert EDGE not in shown(content, 60)


@pytest.mark.parametrize("width", [20, 40, 60, 100])
def test_each_key_is_in_one_piece(width: int) -> None:
    lines = inside(shown(make_card(14, verbs=PERMISSION), width), width)
    keys = [key for line in lines if line.startswith("[") for key in line.split("   ")]
    if width > 30:
        assert keys == [
            "[a 14] Approve", "[w 14] Always allow", "[d 14] Deny and why",
            "[c 14] Change and what", "[s 14] Show everything",
        ]  # fmt: skip
    assert all(key.startswith("[") for key in keys)


def test_a_title_that_is_too_long_for_the_edge_stands_whole_below_it() -> None:
    card = make_card(title="Approval 4: may I run shell_exec_safe?")
    assert "Approval 4: may I run shell_exec_safe? · run 7" in shown(card, 100).splitlines()[0]
    lines = inside(shown(card, 40), 40)
    assert "".join([lines[0], *(line.removeprefix("  ↳") for line in lines[1:2])]) == f"{card.title} · run 7"


def test_the_options_of_a_question_are_the_agents_words_and_hang() -> None:
    buttons = tuple(Button(verb=option_verb(n), label="o" * 60, token="t") for n in (1, 2))
    buttons += (Button(verb="answer", label="Answer…", token="t"),)
    card = make_card(
        kind=ApprovalKind.QUESTION, arguments=(Argument(name="the agent asks", text="?"),), buttons=buttons
    )
    lines = own_lines(inside(shown(card, 40), 40))
    assert [line[:6] for line in lines if line.startswith("[")] == ["[1 4] ", "[2 4] ", "[n 4] ", "[s 4] "]
