"""What of a card's texts is shown where room is short. Pure, and the same on every platform."""

import re
from collections.abc import Sequence

from msgspec import Struct

from runtime.contents import Argument, Card
from runtime.records import ApprovalKind
from runtime.showing import begun, clipped, shortened, visible

MOST_ARGUMENTS = 20
_BESIDE = 80
_LONGEST_NAME = 78
_WORD = re.compile(r"[\w.-]*")


class Excerpt(Struct, frozen=True, kw_only=True):
    """What is shown of one text, and how many bytes of it are not."""

    name: str
    text: str
    left_out: int


def excerpts(card: Card, room: int, *, most: int = MOST_ARGUMENTS) -> list[Excerpt]:
    """Each argument and the preview, so that short ones are whole and long ones share what is left of the room.

    Arguments beyond `most` are only named together."""
    texts = [(name_on(card, argument), argument.text) for argument in card.arguments[:most]]
    texts += [("What it would do", card.preview)] if card.preview else []
    allowed = shares([len(visible(text[:room])) for _, text in texts], room)
    shown = [
        Excerpt(name=name, text=kept, left_out=missing)
        for (name, text), limit in zip(texts, allowed, strict=True)
        for kept, missing in [clipped(text, limit)]
    ]
    if rest := card.arguments[most:]:
        missing = sum(len(argument.text.encode("utf-8", "surrogatepass")) for argument in rest)
        names = shortened(", ".join(visible(argument.name) for argument in rest), 300)
        shown.append(Excerpt(name=f"{len(rest)} more arguments", text=names, left_out=missing))
    return shown


def name_on(card: Card, argument: Argument) -> str:
    """In one line; in quotes where it is more than a word, so that none passes for a name of ours: those of a question are."""
    name = shortened(visible(argument.name), _LONGEST_NAME)
    is_ours = card.kind is ApprovalKind.QUESTION
    return name if is_ours or _WORD.fullmatch(name) else f"“{name}”"


def fits_beside(excerpt: Excerpt) -> bool:
    """Whether it can stand in a line with its name: spaces at the ends and line ends would be lost there."""
    text = excerpt.text
    return 0 < len(text) <= _BESIDE and text == text.strip() and not set(text) & set("\n\t") and "  " not in text


def gist(card: Card) -> str:
    """The call in a few words: its first argument, as a rule the command or the path."""
    return begun(card.arguments[0].text, 120) if card.arguments else ""


def shares(wanted: Sequence[int], room: int) -> list[int]:
    """How much of a room each gets: who wants little gets it, the others get equal parts of the rest."""
    given = [0] * len(wanted)
    for place, index in enumerate(sorted(range(len(wanted)), key=lambda i: wanted[i])):
        given[index] = min(wanted[index], room // (len(wanted) - place))
        room -= given[index]
    return given
