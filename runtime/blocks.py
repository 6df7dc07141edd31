"""How a Markdown text is built, line by line: where it may be cut, and what a cut there tears apart."""

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# What a cut costs, as a part of a whole piece: how much emptier a piece may be to avoid it.
BETWEEN_BLOCKS = 0.0
BETWEEN_ITEMS = 0.1
INSIDE_ITEM = 0.2
INSIDE_BLOCK = 0.5
INSIDE_LINE = 0.7
AFTER_HEADING = 0.8
AT_EDGE = 0.95

MAX_LANGUAGE = 40

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


class Torn(Struct, frozen=True, kw_only=True):
    """A block that a cut can tear: a cut before any line of `first < line < end`. `opening` and `closing` mend it.

    Not `closed`: nothing but the end of what surrounds it ends it, so a mended part needs a `closing` there too.
    """

    first: int
    end: int
    opening: str
    closing: str
    closed: bool = True


class Blocks(Struct, frozen=True, kw_only=True):
    """`costs[n]` is what a cut before line n costs, `torn[n]` the block that it tears, where that can be mended."""

    lines: tuple[str, ...]
    costs: tuple[float, ...]
    torn: tuple[Torn | None, ...]


def read_blocks(text: str) -> Blocks:
    """The structure of a text. HTML is text: no chat platform renders it."""
    lines = tuple(_LINE.findall(text))
    costs = [INSIDE_BLOCK] * (len(lines) + 1)
    torn: list[Torn | None] = [None] * (len(lines) + 1)
    headings: list[int] = []
    for token in _parser().parse(text):
        if token.map is None or token.type == "inline":
            continue
        first, end = token.map
        costs[first] = min(costs[first], _cost(token))
        if token.type == "heading_open":
            headings.append(end)
        elif token.type == "fence":
            block = _fence(token, lines, first, end)
            torn[first + 1 : end] = [block] * (end - first - 1)
            costs[first + 1] = AT_EDGE
            costs[end - 1] = AT_EDGE if block.closed else INSIDE_BLOCK
        elif token.type == "table_open" and token.level == 0:
            head = "".join(lines[first : first + 2])
            block = Torn(first=first, end=end, opening=head, closing="")
            torn[first + 3 : end] = [block] * max(end - first - 3, 0)
            costs[first + 1 : first + 3] = [AT_EDGE] * 2
    for end in headings:
        costs[end : end + 2] = [AFTER_HEADING] * len(costs[end : end + 2])
    costs[-1] = BETWEEN_BLOCKS
    return Blocks(lines=lines, costs=tuple(costs), torn=tuple(torn))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable(["inline", "html_block"])


def _cost(token: "Token") -> float:
    if token.level == 0:
        return BETWEEN_BLOCKS
    if token.type == "list_item_open" and token.level == 1:
        return BETWEEN_ITEMS
    return INSIDE_BLOCK if token.type.startswith("t") else INSIDE_ITEM


def _fence(token: "Token", lines: tuple[str, ...], first: int, end: int) -> Torn:
    """A fence stays within its quote when it is reopened; of a list only the indentation is left."""
    before = lines[first].partition(token.markup)[0]
    prefix = "".join(sign if sign in ">\t" else " " for sign in before)
    language = token.info.split()[0] if token.info.strip() else ""
    shown = language if len(language) <= MAX_LANGUAGE else ""
    content = token.content.count("\n") + (not token.content.endswith("\n") and bool(token.content))
    return Torn(
        first=first,
        end=end,
        opening=f"{prefix}{token.markup}{shown}\n",
        closing=f"{prefix}{token.markup}\n",
        closed=end - first - 1 > content,
    )
