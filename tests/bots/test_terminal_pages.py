"""How lists, hints and answers stand in a terminal that is as wide as it is."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bots.terminal.colours import ColourScreen
from bots.terminal.growing import split_finished
from runtime.contents import Entry, Page, Text


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


def test_a_note_that_says_how_to_do_something_is_set_as_an_answer_is() -> None:
    screen, out = printer(60)
    note = "- `list files` – Lists the workspace.\n\n```\nMALLARD_MODEL_NAME=…\n```"
    screen.show(Page(title="What you can say", entries=(), note=note))
    assert list(filter(None, lines_of(out))) == [
        "What you can say", " • list files – Lists the workspace.", " MALLARD_MODEL_NAME=…"
    ]  # fmt: skip


def test_a_note_of_one_line_keeps_every_sign() -> None:
    screen, out = printer(60)
    screen.show(Page(title="Run 1", entries=(), note="Asked by anna: run: rm *a* _b_"))
    assert lines_of(out) == ["Run 1", "Asked by anna: run: rm *a* _b_"]


def test_a_word_of_several_lines_in_a_list_stays_in_its_place() -> None:
    screen, out = printer(30)
    screen.show(Page(title="Pending", entries=(Entry(text="one\ntwo", detail="a\u2028b"),)))
    assert lines_of(out) == ["Pending", "  one two", "      a\\u2028b"]


ANSWER = """# Files

There are **two** of them:
- `one.txt`
- two.txt

  with more about it

| a | b |
|---|---|
| 1 | 2 |

```python
print("one")

print("two")
```
> said

_Approval 2 is still waiting for a decision._"""


@given(cuts=st.sets(st.integers(1, len(ANSWER) - 1)))
def test_an_answer_looks_the_same_whether_it_is_shown_while_it_is_written_or_afterwards(cuts: set[int]) -> None:
    at_once, growing = printer(60), printer(60)
    at_once[0].show(Text(markdown=ANSWER))
    ends = sorted(cuts)
    written, rest = "", ""
    for start, end in zip([0, *ends], [*ends, len(ANSWER)], strict=True):
        finished, rest = split_finished(rest + ANSWER[start:end])
        if finished:
            growing[0].write(finished, goes_on=True)
            written += finished
    growing[0].write(ANSWER.removeprefix(written))
    assert list(filter(None, lines_of(growing[1]))) == list(filter(None, lines_of(at_once[1])))
    assert "_Approval" not in growing[1].getvalue()
