"""The screen of a person: colours, borders, and Markdown set as text."""

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text as Line

from bots.terminal.wording import write_body, write_content, write_keys, write_page_body, write_title
from runtime.contents import Card, Content, Page, Text
from runtime.records import Risk
from runtime.tools.visible import make_prose_visible, make_visible

_BORDERS = {Risk.NONE: "green", Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red", Risk.CRITICAL: "bold red"}


class ColourScreen:
    """For a person. Writes to whatever stdout is at the time, so that an input line can stay below."""

    streams = True
    is_read = True

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def show(self, content: Content, *, whole: bool = False) -> None:
        self._console.print(_paint(content, whole=whole))

    def say(self, text: str) -> None:
        self._console.print(Line(make_visible(text), style="dim"))

    def write(self, lines: str) -> None:
        self._console.print(Line(make_prose_visible(lines)), end="")


def _paint(content: Content, *, whole: bool) -> RenderableType:
    match content:
        case Text(markdown=markdown):
            return Markdown(make_prose_visible(markdown), hyperlinks=False)
        case Card():
            return _paint_card(content, whole=whole)
        case Page():
            return Group(Line(make_visible(content.title), style="bold"), Line(write_page_body(content)))
        case _:
            return Line(write_content(content))


def _paint_card(card: Card, *, whole: bool) -> RenderableType:
    parts: list[RenderableType] = [Line(write_body(card, whole=whole))]
    if whole and card.preview:
        parts.append(Syntax(make_visible(card.preview), "diff", word_wrap=True, background_color="default"))
    parts.append(Line(write_keys(card), style="bold cyan"))
    border = "dim" if card.closing else _BORDERS[card.risk]
    return Panel(Group(*parts), title=Line(write_title(card)), title_align="left", border_style=border)
