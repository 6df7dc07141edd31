"""How lists, hints and answers stand in a terminal that is as wide as it is."""

import io

from rich.console import Console

from bots.terminal.colours import ColourScreen
from runtime.contents import Entry, Page


def printer(width: int) -> tuple[ColourScreen, io.StringIO]:
    out = io.StringIO()
    return ColourScreen(Console(file=out, width=width, highlight=False)), out


def lines_of(out: io.StringIO) -> list[str]:
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_each_entry_of_a_list_goes_on_further_in_than_it_begins() -> None:
    screen, out = printer(31)
    help_line = Entry(text="history [before <run>]", detail="your runs, newest first, those of this place as well")
    screen.show(Page(title="What you can say", entries=(help_line,), note="Anything else that you write is a request."))
    assert lines_of(out) == [
        "What you can say",
        "  history [before <run>]",
        "      your runs, newest first,",
        "        those of this place as",
        "        well",
        "Anything else that you write",
        "  is a request.",
    ]


def test_what_the_terminal_says_goes_on_further_in() -> None:
    screen, out = printer(30)
    screen.say("To be run:\n    rm hello.txt and then something else")
    assert lines_of(out) == ["To be run:", "    rm hello.txt and then", "      something else"]


def test_a_word_of_several_lines_in_a_list_stays_in_its_place() -> None:
    screen, out = printer(30)
    screen.show(Page(title="Pending", entries=(Entry(text="one\ntwo", detail="a\u2028b"),)))
    assert lines_of(out) == ["Pending", "  one", "  two", "      a\\u2028b"]
