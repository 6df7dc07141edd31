"""An approval as blocks. Pure: the pending, the decided and the whole card are built from the same parts.

Everything that a model or a tool wrote stands in rich text, which Slack shows and does not read: no mention, no
link, no formatting comes out of it, and nothing in it can imitate the card's own lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.slack import blocks
from bots.slack.blocks import Block
from bots.slack.wording import clipped, escaped, shortened, visible
from runtime.contents import Card
from runtime.records import ApprovalKind, Verdict

FORMS = (Verdict.DENY, Verdict.CHANGE, Verdict.ANSWER)
"""Verbs whose button asks for words first."""

_ROOMS = (4_000, 2_000, 1_000, 300)
_MODAL_ROOM = 40_000
_MOST_ARGUMENTS = 20
_PIECE = 3_000

_ASKING = {
    ApprovalKind.PERMISSION: "Waiting for a decision",
    ApprovalKind.OUTCOME: "Waiting for somebody to check what happened",
    ApprovalKind.QUESTION: "Waiting for an answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What is shown of one text, and how many bytes of it are not."""

    name: str
    text: str
    left_out: int


def card_blocks(card: Card) -> list[Block]:
    """The card as a message: within Slack's limits whatever it holds, and saying how much of it does not fit."""
    made: list[Block] = []
    for room in _ROOMS:
        made = _message(card, room)
        if blocks.length(made) <= blocks.MESSAGE_TEXT:
            break
    return made


def card_text(card: Card) -> str:
    """The same in one line, for notifications."""
    state = card.closing or _ASKING[card.kind]
    return blocks.fallback(f"{visible(card.title)} · {visible(state)} · approval {card.approval_id}, run {card.run_id}")


def card_modal(card: Card) -> tuple[Block, int]:
    """Everything on the card, in a modal, with its buttons; and how many bytes even a modal has no room for."""
    shown = excerpts(card, _MODAL_ROOM)
    left_out = sum(excerpt.left_out for excerpt in shown)
    body = [*_top(card), *_texts(shown), *_facts(card, left_out), *_buttons(card, without="show")]
    return blocks.modal(f"Approval {card.approval_id}", body, callback_id="mallard:card"), left_out


def whole_text(card: Card) -> str:
    """Everything on the card as a text file."""
    parts = [
        f"Approval {card.approval_id} of run {card.run_id}: {card.title}",
        f"Tool: {card.tool}\nWorkspace: {card.workspace}\nSHA-256: {card.digest}",
        f"Why, in the agent's words:\n{card.claim}",
        *(f"--- {argument.name} ---\n{argument.text}" for argument in card.arguments),
        *([f"--- what it would do ---\n{card.preview}"] if card.preview else []),
    ]
    return "\n\n".join(parts) + "\n"


def excerpts(card: Card, room: int) -> list[Excerpt]:
    """Each argument and the preview, so that short ones are whole and long ones share what is left of the room."""
    texts = [(argument.name, argument.text) for argument in card.arguments[:_MOST_ARGUMENTS]]
    texts += [("What it would do", card.preview)] if card.preview else []
    allowed = _shares([len(visible(text[:room])) for _, text in texts], room)
    shown = [
        Excerpt(name=shortened(visible(name), 80), text=kept, left_out=missing)
        for (name, text), limit in zip(texts, allowed, strict=True)
        for kept, missing in [clipped(text, limit)]
    ]
    if rest := card.arguments[_MOST_ARGUMENTS:]:
        missing = sum(len(argument.text.encode("utf-8", "surrogatepass")) for argument in rest)
        names = shortened(", ".join(visible(argument.name) for argument in rest), 300)
        shown.append(Excerpt(name=f"{len(rest)} more arguments", text=names, left_out=missing))
    return shown


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    given = [0] * len(wanted)
    for place, index in enumerate(sorted(range(len(wanted)), key=lambda i: wanted[i])):
        given[index] = min(wanted[index], room // (len(wanted) - place))
        room -= given[index]
    return given


def _message(card: Card, room: int) -> list[Block]:
    shown = excerpts(card, room)
    left_out = sum(excerpt.left_out for excerpt in shown)
    return [*_top(card), *_texts(shown), *_facts(card, left_out), *_buttons(card)]


def _top(card: Card) -> Iterator[Block]:
    yield blocks.header(visible(card.title))
    if card.closing:
        yield blocks.rich_text(blocks.line(blocks.words(shortened(visible(card.closing), 1_000), bold=True)))
    fields = [("Tool", card.tool), ("Risk", card.risk), ("Asked by", card.requested_by), ("Workspace", card.workspace)]
    facts = [f"*{name}*\n{escaped(shortened(visible(value), 200))}" for name, value in fields if value]
    yield {"type": "section", "fields": [blocks.mrkdwn(fact, 2_000) for fact in facts]}
    if card.claim:
        claim = shortened(visible(card.claim), 1_000)
        heading = blocks.line(blocks.words("Why, in the agent's own words (its claim)", bold=True))
        yield blocks.rich_text(heading, blocks.quote(claim))
    if card.why_asked:
        why = blocks.words(shortened(visible(card.why_asked), 600))
        yield blocks.rich_text(blocks.line(blocks.words("Why a person is asked: ", bold=True), why))


def _texts(shown: Sequence[Excerpt]) -> Iterator[Block]:
    for excerpt in shown:
        pieces = [excerpt.text[at : at + _PIECE] for at in range(0, len(excerpt.text), _PIECE)] or ["(empty)"]
        parts = [blocks.line(blocks.words(excerpt.name or "–", bold=True)), *map(blocks.preformatted, pieces)]
        if excerpt.left_out:
            note = f"… {excerpt.left_out:,} bytes of this are left out"
            parts.append(blocks.line(blocks.words(note, italic=True)))
        yield blocks.rich_text(*parts)


def _facts(card: Card, left_out: int) -> Iterator[Block]:
    lines = []
    if card.buttons and not card.closing:
        lines.append(f"Who may decide: {escaped(shortened(visible(card.deciders), 300))}")
        if card.expires_at:
            lines.append(f"Expires {_local_time(card.expires_at)}")
    lines.append(f"Approval {card.approval_id} · run {card.run_id}")
    digest = escaped(card.digest)
    if left_out:
        lines.append(f"{left_out:,} bytes do not fit here. SHA-256 of the whole call: `{digest}`")
    else:
        lines.append(f"SHA-256 `{digest[:16]}`")
    yield blocks.context("\n".join(lines))


def _buttons(card: Card, *, without: str = "") -> Iterator[Block]:
    buttons = [
        blocks.button(
            button.label,
            action_id=f"mallard:{shortened(button.verb, 40)}:{number}",
            value=button.token,
            style=button.style,
        )
        for number, button in enumerate(card.buttons)
        if button.verb != without
    ]
    if buttons:
        yield blocks.actions(buttons)


def _local_time(at: datetime) -> str:
    """Slack writes it in the reader's own time zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


_FORM_WORDS = {
    Verdict.DENY: ("Deny", "Reason", "The agent is told why. You may leave this empty.", True),
    Verdict.CHANGE: (
        "Ask for changes",
        "What should be different?",
        "The agent proposes again, and asks again.",
        False,
    ),
    Verdict.ANSWER: ("Answer", "Your answer", "The agent goes on with it.", False),
}


def form(verb: Verdict, card: Card, *, token: str, place: str) -> Block:
    """The modal that asks for words. The token is all it keeps of the approval; `place` is where it was asked."""
    title, label, placeholder, optional = _FORM_WORDS[verb]
    about = shortened(visible(f"{card.title} · {card.tool} · approval {card.approval_id}"), 500)
    body = [
        blocks.rich_text(blocks.line(blocks.words(about))),
        blocks.input_block(label, block_id="words", placeholder=placeholder, optional=optional),
    ]
    return blocks.modal(
        title, body, token=token, callback_id=f"mallard:{verb}:{place}", submit=title[:24], close="Cancel"
    )
