"""An approval as blocks. Pure: the pending, the decided and the whole card are built from the same parts.

Everything that a model or a tool wrote stands in rich text, which Slack shows and does not read: no mention, no
link, no formatting comes out of it, and nothing in it can imitate the card's own lines.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bots.slack import blocks
from bots.slack.blocks import Block
from bots.slack.wording import escaped, localised
from runtime.contents import Card
from runtime.excerpts import Excerpt, excerpts, fits_beside, gist
from runtime.forms import FORM_WORDS, meaning_of_always
from runtime.records import ApprovalKind, Verdict
from runtime.showing import shortened, visible

_ROOMS = (2_400, 1_200, 300, 60)
_MODAL_ROOM = 40_000
_PIECE = 3_000

_ASKING = {
    ApprovalKind.PERMISSION: "",
    ApprovalKind.OUTCOME: "please check what happened · ",
    ApprovalKind.QUESTION: "please answer · ",
}


def card_blocks(card: Card) -> list[Block]:
    """The card as a message: within Slack's limits whatever it holds, and saying how much of it does not fit."""
    made: list[Block] = []
    for room in _ROOMS:
        made = _message(card, room)
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
    shown = excerpts(card, _MODAL_ROOM)
    left_out = sum(excerpt.left_out for excerpt in shown)
    body = [*_top(card), *_texts(shown), *_claim(card), *_facts(card, left_out)]
    body += _buttons(card, without="show" if revealed else "")
    return blocks.modal(f"Approval {card.approval_id}", body, callback_id="mallard:card"), left_out


def _message(card: Card, room: int) -> list[Block]:
    shown = excerpts(card, room)
    left_out = sum(excerpt.left_out for excerpt in shown)
    return [*_top(card), *_texts(shown), *_claim(card), *_facts(card, left_out), *_buttons(card)]


def _top(card: Card) -> Iterator[Block]:
    """What, how it ended, how risky and why a person is asked: what a small screen shows without scrolling."""
    yield blocks.header(visible(card.title))
    if card.closing:
        yield blocks.rich_text(blocks.line(*blocks.spoken(shortened(visible(card.closing), 1_000), bold=True)))
    risk = blocks.words(f"{card.risk.capitalize()} risk", bold=True)
    asked = blocks.words(f" · asked by {shortened(visible(card.requested_by), 200)}")
    why = [blocks.words("\n" + shortened(visible(card.why_asked), 600))] if card.why_asked.strip() else []
    yield blocks.rich_text(blocks.line(risk, asked, *why))


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


def _claim(card: Card) -> Iterator[Block]:
    if card.claim:
        heading = blocks.line(blocks.words("The agent's own reason (its claim)", bold=True))
        yield blocks.rich_text(heading, blocks.quote(shortened(visible(card.claim), 1_000)))


def _facts(card: Card, left_out: int) -> Iterator[Block]:
    lines = []
    if card.buttons and not card.closing:
        who = f"Who may decide: {escaped(shortened(visible(card.deciders), 300))}"
        lines.append(f"{who} · expires {_local_time(card.expires_at)}" if card.expires_at else who)
    workspace, digest = escaped(shortened(visible(card.workspace), 200)), escaped(card.digest)
    if left_out:
        lines.append(f"{left_out:,} bytes do not fit here. SHA-256 of the whole call: `{digest}`")
        lines.append(f"Run {card.run_id} · workspace {workspace}")
    else:
        lines.append(f"Run {card.run_id} · workspace {workspace} · SHA-256 `{digest[:16]}`")
    yield blocks.context("\n".join(lines))


def _buttons(card: Card, *, without: str = "") -> Iterator[Block]:
    always = next((number for number, button in enumerate(card.buttons) if button.verb == "always"), -1)
    buttons = [
        blocks.button(
            button.label,
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
