"""An approval as blocks. Pure: the pending, the decided and the whole card are built from the same parts.

Everything that a model or a tool wrote stands in rich text, which Slack shows and does not read: no mention, no
link, no formatting comes out of it, and nothing in it can imitate the card's own lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.slack import blocks
from bots.slack.blocks import Block
from bots.slack.wording import escaped, localised
from runtime.contents import Card
from runtime.records import ApprovalKind, Verdict
from runtime.showing import clipped, shortened, visible

FORMS = (Verdict.DENY, Verdict.CHANGE, Verdict.ANSWER)
"""Verbs whose button asks for words first."""

_ROOMS = (2_400, 1_200, 300, 60)
_MODAL_ROOM = 40_000
_MOST_ARGUMENTS = 20
_BESIDE = 80
_PIECE = 3_000

_ASKING = {
    ApprovalKind.PERMISSION: "",
    ApprovalKind.OUTCOME: "please check what happened · ",
    ApprovalKind.QUESTION: "please answer · ",
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
    """The same in one line, for notifications: what a locked phone shows."""
    state = card.closing or f"{_ASKING[card.kind]}{card.risk} risk, asked by {card.requested_by}"
    return localised(blocks.fallback(" · ".join(filter(None, [visible(card.title), gist(card), visible(state)]))))


def gist(card: Card) -> str:
    """The call in a few words: its first argument, as a rule the command or the path."""
    return shortened(visible(card.arguments[0].text[:200]), 120) if card.arguments else ""


def card_modal(card: Card) -> tuple[Block, int]:
    """Everything on the card, in a modal, with its buttons; and how many bytes even a modal has no room for."""
    shown = excerpts(card, _MODAL_ROOM)
    left_out = sum(excerpt.left_out for excerpt in shown)
    body = [*_top(card), *_texts(shown), *_claim(card), *_facts(card, left_out), *_buttons(card, without="show")]
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
        if _fits_beside(excerpt):
            parts = [blocks.line(blocks.words(f"{name}: ", bold=True), blocks.words(excerpt.text, code=True))]
        else:
            pieces = [excerpt.text[at : at + _PIECE] for at in range(0, len(excerpt.text), _PIECE)] or ["(empty)"]
            parts = [blocks.line(blocks.words(name, bold=True)), *map(blocks.preformatted, pieces)]
        if excerpt.left_out:
            note = f"… {excerpt.left_out:,} bytes of this are left out"
            parts.append(blocks.line(blocks.words(note, italic=True)))
        yield blocks.rich_text(*parts)


def _fits_beside(excerpt: Excerpt) -> bool:
    """Spaces at the ends and line ends would be lost in a line."""
    text = excerpt.text
    return 0 < len(text) <= _BESIDE and text == text.strip() and not set(text) & set("\n\t") and "  " not in text


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
    who = shortened(visible(card.requested_by), 100)
    text = f"Mallard will not ask {who} again for this very call in this workspace. `mallard grants` takes it back."
    return blocks.confirmation("Always allow?", text, yes="Always allow", no="Back")


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
    about = [blocks.words(shortened(visible(card.title), 300), bold=True)]
    about += [blocks.words("\n"), blocks.words(gist(card), code=True)] if gist(card) else []
    body = [
        blocks.rich_text(blocks.line(*about)),
        blocks.input_block(label, block_id="words", placeholder=placeholder, optional=optional),
    ]
    return blocks.modal(
        title, body, token=token, callback_id=f"mallard:{verb}:{place}", submit=title[:24], close="Cancel"
    )
