"""The screen of a person: colours, borders, and Markdown set as text."""

from msgspec.structs import replace
from rich.box import HEAVY
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text as Line

from bots.terminal.layout import BELOW, Row, flow, hang, hung, seen, seen_prose
from bots.terminal.wording import ending_of, in_local_time, keys_of, rows_of, title_of, write_content, write_page_body
from runtime.contents import Card, Content, Page, Text
from runtime.records import Risk

_BORDERS = {Risk.NONE: "green", Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red", Risk.CRITICAL: "bold red"}
_DIFF = {"+": "green", "-": "red", "@": "cyan"}
_SIDES = 4  # cells: the edges of a card, and the space within


class ColourScreen:
    """For a person. Writes to whatever stdout is at the time, so that an input line can stay below."""

    streams = True
    is_read = True

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def show(self, content: Content, *, whole: bool = False) -> None:
        self._console.print(_paint(content, self._console.width, whole=whole))

    def say(self, text: str) -> None:
        self._console.print(_hang(in_local_time(text), self._console.width), style="dim")

    def write(self, lines: str, *, goes_on: bool = False) -> None:
        if lines.strip():
            self.show(Text(markdown=lines))
        if goes_on:
            self._console.print()


def _paint(content: Content, width: int, *, whole: bool) -> RenderableType:
    match content:
        case Text(markdown=markdown):
            return _set_markdown(markdown)
        case Card():
            return _paint_card(content, width, whole=whole)
        case Page():
            return _paint_page(content, width)
        case _:
            return Line(seen(write_content(content)))


def _set_markdown(text: str) -> Markdown:
    return Markdown(seen_prose(text), hyperlinks=False)


def _paint_page(page: Page, width: int) -> RenderableType:
    """A note of several lines says how to do something, in Markdown; one of a single line may end with a person's words."""
    remark, note = ("", page.note) if "\n" in page.note.strip() else (page.note, "")
    parts: list[RenderableType] = [Line(seen(page.title), style="bold")]
    if body := write_page_body(replace(page, note=remark)):
        parts.append(_hang(body, width))
    if note:
        parts.append(_set_markdown(note))
    return Group(*parts)


def _hang(text: str, width: int) -> Line:
    return Line("\n".join(hung(seen(text), width)))


def _paint_card(card: Card, width: int, *, whole: bool) -> RenderableType:
    """Broken into lines here, not by Rich: only the card's own lines begin in its first column."""
    room = width - _SIDES
    title = title_of(card)
    stands_in_the_edge = cell_len(title) <= room - 2
    rows = [*rows_of(card, whole=whole), *ending_of(card)]
    parts = [] if stands_in_the_edge else _set(Row(title), room, "bold")
    parts += [line for row in rows for line in _set(row, room)]
    parts += [Line(line, style="bold cyan") for line in flow(keys_of(card), room)]
    return Panel(
        Group(*parts),
        title=Line(title) if stands_in_the_edge else None,
        title_align="left",
        box=HEAVY,
        border_style="dim" if card.closing else _BORDERS[card.risk],
    )


def _set(row: Row, width: int, style: str = "") -> list[Line]:
    return [
        Line(piece, style=style or (_DIFF.get(line.removeprefix(BELOW)[:1], "") if row.is_diff else ""))
        for line in row.lines()
        for piece in hang(line, width)
    ]
