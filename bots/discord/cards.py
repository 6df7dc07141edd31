"""An approval as components. Pure: the pending, the decided and the whole card are built from the same parts.

Everything that a model or a tool wrote stands in code that nothing in it can leave, or is escaped: no mention, no link
and no formatting comes out of it, and nothing in it can imitate the card's own lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from bots.discord import components
from bots.discord.components import Component
from bots.discord.settings import PREFIX
from bots.discord.wording import escaped, fenced, quoted_code, spoken
from runtime.contents import Button, Card
from runtime.excerpts import MOST_ARGUMENTS, Excerpt, excerpts, fits_beside
from runtime.records import Risk
from runtime.showing import shortened, visible

COLOURS: Mapping[Risk, int] = {
    Risk.NONE: 0x3BA55D,
    Risk.LOW: 0x3BA55D,
    Risk.MEDIUM: 0xF1C40F,
    Risk.HIGH: 0xE67E22,
    Risk.CRITICAL: 0xE74C3C,
}
CLOSED = 0x95A5A6


class Room(Struct, frozen=True, kw_only=True):
    """How many characters there are for all excerpts, for each saying of a person, for a name; and how many names."""

    excerpts: int
    words: int
    name: int
    most: int


_ROOMS = (
    Room(excerpts=2_600, words=800, name=80, most=MOST_ARGUMENTS),
    Room(excerpts=1_300, words=500, name=80, most=MOST_ARGUMENTS),
    Room(excerpts=400, words=300, name=40, most=12),
    Room(excerpts=80, words=200, name=30, most=4),
)


class Parts(Struct, frozen=True, kw_only=True):
    """What a card says, from the top to the bottom; `left_out` is how many bytes of it are not shown."""

    top: str
    texts: str
    claim: str
    facts: str
    left_out: int

    def said(self) -> Iterator[Component]:
        return (components.text(part) for part in (self.texts, self.claim, self.facts) if part)


def card_components(card: Card, mark: int = 0) -> list[Component]:
    """The card as a message: within Discord's limits whatever it holds, and saying how much of it does not fit."""
    made: list[Component] = []
    for room in _ROOMS:
        made = [_container(card, parts_of(card, room), mark)]
        if components.length_of(made) <= components.MESSAGE_TEXT:
            break
    return made


def whole_parts(card: Card, limit: int) -> Parts:
    """As much of the card as fits into so many characters."""
    parts = parts_of(card, _ROOMS[0])
    for room in _ROOMS:
        parts = parts_of(card, room)
        if components.units(parts.top) + components.length_of(list(parts.said())) <= limit:
            break
    return parts


def parts_of(card: Card, room: Room) -> Parts:
    shown = excerpts(card, room.excerpts, most=room.most)
    left_out = sum(excerpt.left_out for excerpt in shown)
    return Parts(
        top="\n".join(_top(card, room)),
        texts="\n".join(_texts(shown, room)),
        claim="\n".join(_claim(card, room)),
        facts="\n".join(_facts(card, room, left_out)),
        left_out=left_out,
    )


def _container(card: Card, parts: Parts, mark: int) -> Component:
    body = [components.text(parts.top), components.separator(), *parts.said()]
    if rows := components.rows([_button(button) for button in card.buttons]):
        body += [components.separator(), *rows]
    accent = CLOSED if card.closing else COLOURS[card.risk]
    return components.container(body, accent=accent, mark=mark)


def _button(button: Button) -> Component:
    return components.button(button.label, custom_id=f"{PREFIX}{button.token}", style=button.style)


def _top(card: Card, room: Room) -> Iterator[str]:
    """What, how it ended, how risky and why a person is asked: what a small screen shows without scrolling."""
    yield f"### {_said(card.title, min(room.words, 300)) or '–'}"
    if closing := _said(card.closing, room.words):
        yield f"**{closing}**"
    yield f"**{card.risk.capitalize()} risk** · asked by {_said(card.requested_by, min(room.words, 100)) or '–'}"
    if why := _said(card.why_asked, room.words):
        yield why


def _texts(shown: Sequence[Excerpt], room: Room) -> Iterator[str]:
    """Short values beside their names, longer ones below them."""
    for excerpt in shown:
        name = f"**{escaped(shortened(excerpt.name, room.name)) or '–'}**"
        if not excerpt.text:
            yield f"{name} *(empty)*"
        elif fits_beside(excerpt) and "`" not in excerpt.text:
            yield f"{name} {quoted_code(excerpt.text)}"
        else:
            yield f"{name}\n{fenced(excerpt.text)}"
        if excerpt.left_out:
            yield f"-# … {excerpt.left_out:,} bytes of this are left out"


def _claim(card: Card, room: Room) -> Iterator[str]:
    if claim := shortened(visible(card.claim), room.words):
        yield "**The agent's own reason (its claim)**"
        yield f"> {escaped(claim)}"


def _facts(card: Card, room: Room, left_out: int) -> Iterator[str]:
    """Who may decide and until when, as long as it can be decided; then, in small print, what proves what was shown."""
    if card.buttons and not card.closing:
        who = f"**Who may decide:** {_said(card.deciders, min(room.words, 300)) or '–'}"
        yield f"{who} · expires {_when(card.expires_at)}" if card.expires_at else who
    place = f"Run {card.run_id} · workspace {escaped(shortened(visible(card.workspace), min(room.words, 200)))}"
    digest = escaped(card.digest)
    if left_out:
        yield f"-# {left_out:,} bytes do not fit here. SHA-256 of the whole call: `{digest}`"
        yield f"-# {place}"
    else:
        yield f"-# {place} · SHA-256 `{digest[:16]}`"


def _said(words: str, limit: int) -> str:
    return spoken(shortened(visible(words), limit))


def _when(at: datetime) -> str:
    """How long that is from now, which says more in the middle of the night, and when, in the reader's time zone."""
    return f"<t:{int(at.timestamp())}:R> (<t:{int(at.timestamp())}:f>)"
