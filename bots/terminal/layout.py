"""How a card is set in lines, so that no text in it passes for a line of the card's own. Pure."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from runtime.tools.visible import make_prose_visible, make_visible

EDGE = "┃"
BELOW = "    "
_GOES_ON = "  ↳ "
_LEAST = 8  # cells: a narrower line than this holds no words
_LIKE_THE_EDGE = "┃┇┋╏╹╻╽╿║▌▍▎▏▐❙❚"
_WRITTEN = {ord(character): f"\\u{ord(character):04x}" for character in _LIKE_THE_EDGE}


class Row(Struct, frozen=True):
    """`label` is ours and begins in the card's first column; `text` is whatever somebody wrote, and never does."""

    label: str
    text: str = ""
    is_diff: bool = False

    def lines(self) -> tuple[str, ...]:
        """Unbroken: text of several lines stands below its label, and is indented. None of it looks like the edge."""
        label, text = seen(self.label), seen(self.text)
        if "\n" not in text:
            return (f"{label}{text}".rstrip(" "),)
        return (label.rstrip(" "), *(f"{BELOW}{line}" for line in text.split("\n")))


def seen(text: str) -> str:
    """The text with nothing hidden in it, and without what could be taken for the edge of a card."""
    return make_visible(text).translate(_WRITTEN)


def seen_prose(text: str) -> str:
    """The same of what is read and not judged: it keeps the spaces of its language."""
    return make_prose_visible(text).translate(_WRITTEN)


def hang(line: str, width: int, *, by: str = _GOES_ON) -> Iterator[str]:
    """One line in as many as it takes, each within so many cells. All but the first begin with `by`, which no line of a
    `Row` does; without it they are the whole line again."""
    line, lead, start = line.expandtabs(4), "", 0
    while True:
        room = max(width - len(lead), _LEAST)
        window = line[start : start + 2 * room]
        end = _fits(window, room)
        is_last = start + end >= len(line)
        if not is_last and (space := window.rfind(" ", room // 2, end)) > 0 and window[:space].strip():
            end = space + 1
        yield f"{lead}{window[:end]}"
        if is_last:
            return
        lead, start = by, start + end


def hung(text: str, width: int) -> Iterator[str]:
    """Lines that each go on a little further in than they begin."""
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        yield from hang(line, width, by=" " * (indent + 2))


def flow(pieces: Iterable[str], width: int, *, between: str = "   ") -> Iterator[str]:
    """Pieces beside each other as far as they go, none of them in two lines while it fits into one."""
    from rich.cells import cell_len

    row = ""
    for piece in pieces:
        if row and cell_len(row) + len(between) + cell_len(piece) > width:
            yield from hang(row, width)
            row = ""
        row += (between if row else "") + piece
    if row:
        yield from hang(row, width)


def _fits(text: str, room: int) -> int:
    """How many characters go into so many cells, one at least; those that belong together stay together."""
    if text.isascii():
        return min(len(text), room)
    from rich.cells import split_graphemes

    cells = 0
    for start, _, size in split_graphemes(text)[0]:
        cells += size
        if cells > room and start > 0:
            return start
    return len(text)
