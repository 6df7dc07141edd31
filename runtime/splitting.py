"""Cutting a long Markdown text into messages that each read well alone."""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from runtime.blocks import INSIDE_LINE, Torn, read_blocks

# What a cut inside a line must not tear: links, mentions and autolinks, inline code.
_WHOLE = re.compile(r"\[[^\[\]\n]*\]\([^()\n]*\)|<[^<>\n]+>|(?<!`)(`++)[^`\n]+\1")
MAX_WHOLE = 2_000  # how far behind a cut a link is looked for


class Piece(Struct, frozen=True, kw_only=True):
    """A part of a text: the bodies together are the whole text. `before` and `after` mend what the cuts tore."""

    before: str
    body: str
    after: str

    def __str__(self) -> str:
        body = self.body if self.before else self.body.lstrip("\r\n")
        if not self.after:
            return (self.before + body).rstrip()
        line_end = "" if body.endswith(("\n", "\r")) else "\n"
        return f"{self.before}{body}{line_end}{self.after}".rstrip()


class _Atom(Struct, frozen=True, kw_only=True):
    """What is never cut: a line, or a part of one that is too long. `cost` and `torn` are those of a cut before it."""

    text: str
    cost: float
    torn: Torn | None
    line: int


def split_markdown(text: str, limit: int) -> tuple[str, ...]:
    """The text as messages of at most `limit` characters, cut between blocks where that is possible.

    Code stays fenced in every message and tables keep their head; links, mentions and characters stay whole unless
    one of them alone is longer than `limit`. A text that fits comes back as it is; one that is blank is no message.
    """
    if not text.strip():
        return ()
    if len(text) <= limit:
        return (text,)
    shown = (str(piece) for piece in cut_markdown(text, limit) if piece.body.strip())
    return tuple(message for message in shown if message.strip())


def cut_markdown(text: str, limit: int) -> tuple[Piece, ...]:
    """The pieces of `split_markdown` before blank lines at their ends are dropped. Raises ValueError below 1."""
    if limit < 1:
        raise ValueError("a message holds at least one character")
    atoms = tuple(_atoms(text, limit))
    pieces: list[Piece] = []
    start = 0
    while start < len(atoms):
        end = _next_cut(atoms, start, limit)
        pieces.append(_piece(atoms, start, end))
        start = end
    return tuple(pieces)


def _atoms(text: str, limit: int) -> Iterator[_Atom]:
    blocks = read_blocks(text)
    torn = tuple(block if block and _mendable(block, blocks.lines, limit) else None for block in blocks.torn)
    for number, line in enumerate(blocks.lines):
        around = torn[number] or torn[number + 1]
        room = limit - (_overhead(around) if around else 0)
        inside = around if around and around.first < number < around.end else None
        for index, part in enumerate((line,) if len(line) <= room else _cut_line(line, room)):
            if index == 0:
                yield _Atom(text=part, cost=blocks.costs[number], torn=torn[number], line=number)
            else:
                yield _Atom(text=part, cost=INSIDE_LINE, torn=inside, line=number)


def _mendable(block: Torn, lines: tuple[str, ...], limit: int) -> bool:
    return _overhead(block) + len(lines[block.first]) <= limit * 3 // 4


def _overhead(block: Torn) -> int:
    return len(block.opening) + len(block.closing) + 1


def _next_cut(atoms: tuple[_Atom, ...], start: int, limit: int) -> int:
    """Where the piece that starts at `start` ends: as full as it gets, unless an earlier cut costs less."""
    begun = atoms[start].torn
    size = len(begun.opening) if begun else 0
    best, best_score = start + 1, float("-inf")
    for end in range(start + 1, len(atoms) + 1):
        size += len(atoms[end - 1].text)
        if _size_after(_after(atoms, start, end), size) > limit and end > start + 1:
            break
        cost = atoms[end].cost if end < len(atoms) else -1.0
        if size / limit - cost >= best_score:
            best, best_score = end, size / limit - cost
        if begun and not begun.closed and end < len(atoms) and atoms[end].line >= begun.end:
            return end if size <= limit else best  # nothing in the text closes it: what follows is not its own
    return best


def _size_after(after: str, size: int) -> int:
    return size + len(after) + 1 if after else size


def _after(atoms: tuple[_Atom, ...], start: int, end: int) -> str:
    """What mends a piece at its end."""
    if end < len(atoms) and (torn := atoms[end].torn):
        return torn.closing
    begun = atoms[start].torn
    return begun.closing if begun and not begun.closed else ""


def _piece(atoms: tuple[_Atom, ...], start: int, end: int) -> Piece:
    torn = atoms[start].torn
    return Piece(
        before=torn.opening if torn else "",
        body="".join(atom.text for atom in atoms[start:end]),
        after=_after(atoms, start, end),
    )


def _cut_line(line: str, room: int) -> Iterator[str]:
    """A line in parts of at most `room`."""
    start = 0
    while len(line) - start > room:
        cut = _last_place(line, start, start + room)
        yield line[start:cut]
        start = cut
    yield line[start:]


def _last_place(line: str, start: int, end: int) -> int:
    """The best place to cut: behind spaces, else between characters, both outside links and code; else anywhere."""
    whole = [found.span() for found in _WHOLE.finditer(line, start, end + MAX_WHOLE)]
    between = 0
    cut = end
    while cut > start:
        while whole and whole[-1][0] >= cut:
            whole.pop()
        if whole and cut < whole[-1][1]:
            cut = whole[-1][0]
            continue
        if line[cut - 1].isspace() and not line[cut].isspace():
            return cut
        if not between and not _joined(line, cut):
            between = cut
        cut -= 1
    return between or next((cut for cut in range(end, start, -1) if not _joined(line, cut)), end)


def _joined(line: str, cut: int) -> bool:
    """Whether the signs on both sides of a place make one character together."""
    left, right = line[cut - 1], line[cut]
    if "\u200d" in (left, right) or (left, right) == ("\r", "\n"):
        return True
    if unicodedata.category(right) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= right <= "\U0001f3ff":
        return True
    return _is_flag(left) and _is_flag(right) and _flags_before(line, cut) % 2 == 1


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flags_before(line: str, cut: int) -> int:
    """How many halves of flags end at a place: two make one."""
    first = cut
    while first > 0 and _is_flag(line[first - 1]):
        first -= 1
    return cut - first
