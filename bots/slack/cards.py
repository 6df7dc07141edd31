"""An approval as blocks. Pure: the pending, the decided and the whole card are built from the same parts.

Everything that a model or a tool wrote stands in rich text, which Slack shows and does not read: no mention, no
link, no formatting comes out of it, and nothing in it can imitate the card's own lines.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from bots.slack import blocks
from bots.slack.blocks import Block
from bots.slack.wording import escaped, localised
from runtime.contents import Card
from runtime.excerpts import MOST_ARGUMENTS, Excerpt, excerpts, fits_beside, gist
from runtime.forms import FORM_WORDS, meaning_of_always
from runtime.records import ApprovalKind, Verdict
from runtime.showing import shortened, visible

_PIECE = 3_000

_ASKING = {
    ApprovalKind.PERMISSION: "",
    ApprovalKind.OUTCOME: "please check what happened · ",
    ApprovalKind.QUESTION: "please answer · ",
}


class Room(Struct, frozen=True, kw_only=True):
    """How many characters there are for all excerpts, for each saying of a person or a model, for a button's words; and
    how many arguments are shown."""

    excerpts: int
    words: int
    label: int
    most: int


_MODAL = Room(excerpts=40_000, words=1_000, label=blocks.BUTTON, most=MOST_ARGUMENTS)
_ROOMS = (
    Room(excerpts=2_400, words=1_000, label=blocks.BUTTON, most=MOST_ARGUMENTS),
    Room(excerpts=1_200, words=1_000, label=blocks.BUTTON, most=MOST_ARGUMENTS),
    Room(excerpts=300, words=500, label=40, most=12),
    Room(excerpts=60, words=100, label=20, most=2),
)


def card_blocks(card: Card) -> list[Block]:
    """The card as a message: within Slack's limits whatever it holds, and saying how much of it does not fit."""
    made: list[Block] = []
    for room in _ROOMS:
        made = [*_said(card, room)[0], *_buttons(card, room)]
        if blocks.length(made) <= blocks.MESSAGE_TEXT:
            break
    return made


def card_text(card: Card) -> str:
    """The same in one line, for notifications: what a locked phone shows."""
    state = card.closing or f"{_ASKING[card.kind]}{card.risk} risk, asked by {card.requested_by}"
    return localised(blocks.fallback(" · ".join(filter(None, [visible(card.title), gist(card), visible(state)]))))


def card_modal(card: Card, *, revealed: bool = True) -> tuple[Block, int]:
    """Everything on the card, in a modal, with its buttons; and how many bytes even a modal has no room for.

    One that is not `revealed` offers to show what is masked in it.
    """
    body, left_out = _said(card, _MODAL)
    body += _buttons(card, _MODAL, without="show" if revealed else "")
    return blocks.modal(f"Approval {card.approval_id}", body, callback_id="mallard:card"), left_out


def _said(card: Card, room: Room) -> tuple[list[Block], int]:
    """All but the buttons, and how many bytes of the arguments are left out of it."""
    shown = excerpts(card, room.excerpts, most=room.most)
    left_out = sum(excerpt.left_out for excerpt in shown)
    return [*_top(card, room), *_texts(shown), *_claim(card, room), *_facts(card, room, left_out)], left_out


def _top(card: Card, room: Room) -> Iterator[Block]:
    """What, how it ended, how risky and why a person is asked: what a small screen shows without scrolling."""
    yield blocks.header(visible(card.title))
    if card.closing:
        yield blocks.rich_text(blocks.line(*blocks.spoken(shortened(visible(card.closing), room.words), bold=True)))
    risk = blocks.words(f"{card.risk.capitalize()} risk", bold=True)
    asked = blocks.words(f" · asked by {shortened(visible(card.requested_by), min(room.words, 200))}")
    spans = [risk, asked]
    if card.why_asked.strip():
        spans.append(blocks.words("\n" + shortened(visible(card.why_asked), min(room.words, 600))))
    yield blocks.rich_text(blocks.line(*spans))


def _texts(shown: Sequence[Excerpt]) -> Iterator[Block]:
    """Short values beside their names, longer ones below them."""
    for excerpt in shown:
        name = excerpt.name or "–"
        if fits_beside(excerpt):
            parts = [blocks.line(blocks.words(f"{name}: ", bold=True), blocks.words(excerpt.text, code=True))]
        else:
            pieces = [excerpt.text[at : at + _PIECE] for at in range(0, len(excerpt.text), _PIECE)] or ["(empty)"]
            parts = [blocks.line(blocks.words(name, bold=True)), *map(blocks.preformatted, pieces)]
        if excerpt.left_out:
            note = f"… {excerpt.left_out:,} bytes of this are left out"
            parts.append(blocks.line(blocks.words(note, italic=True)))
        yield blocks.rich_text(*parts)


def _claim(card: Card, room: Room) -> Iterator[Block]:
    if card.claim:
        heading = blocks.line(blocks.words("The agent's own reason (its claim)", bold=True))
        yield blocks.rich_text(heading, blocks.quote(shortened(visible(card.claim), room.words)))


def _facts(card: Card, room: Room, left_out: int) -> Iterator[Block]:
    lines = []
    if card.buttons and not card.closing:
        who = f"Who may decide: {escaped(shortened(visible(card.deciders), min(room.words, 300)))}"
        lines.append(f"{who} · expires {_local_time(card.expires_at)}" if card.expires_at else who)
    workspace = escaped(shortened(visible(card.workspace), min(room.words, 200)))
    digest = escaped(card.digest)
    if left_out:
        lines.append(f"{left_out:,} bytes do not fit here. SHA-256 of the whole call: `{digest}`")
        lines.append(f"Run {card.run_id} · workspace {workspace}")
    else:
        lines.append(f"Run {card.run_id} · workspace {workspace} · SHA-256 `{digest[:16]}`")
    yield blocks.context("\n".join(lines))


def _buttons(card: Card, room: Room, *, without: str = "") -> Iterator[Block]:
    always = next((number for number, button in enumerate(card.buttons) if button.verb == "always"), -1)
    buttons = [
        blocks.button(
            shortened(visible(button.label), room.label),
            action_id=f"mallard:{shortened(button.verb, 40)}:{number}",
            value=button.token,
            style=button.style,
            confirm=_confirm(card) if number == always else None,
        )
        for number, button in enumerate(card.buttons)
        if button.verb != without
    ]
    if buttons:
        yield blocks.actions(buttons)


def _confirm(card: Card) -> Block:
    """One tap beside "Approve" must not stand for ever."""
    return blocks.confirmation("Always allow?", meaning_of_always(card), yes="Always allow", no="Back")


def _local_time(at: datetime) -> str:
    """Slack writes it in the reader's own time zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def form(verb: Verdict, card: Card, *, token: str, place: str) -> Block:
    """The modal that asks for words. The token is all it keeps of the approval; `place` is where it was asked."""
    asking = FORM_WORDS[verb]
    about = [blocks.words(shortened(visible(card.title), 300), bold=True)]
    about += [blocks.words("\n"), blocks.words(gist(card), code=True)] if gist(card) else []
    body = [
        blocks.rich_text(blocks.line(*about)),
        blocks.input_block(asking.label, block_id="words", placeholder=asking.placeholder, optional=asking.optional),
    ]
    return blocks.modal(
        asking.title, body, token=token, callback_id=f"mallard:{verb}:{place}", submit=asking.title, close="Cancel"
    )
