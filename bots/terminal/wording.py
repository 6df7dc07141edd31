"""What is said in a terminal, as plain text. Nothing that a model or a tool wrote can steer the terminal."""

from datetime import UTC, datetime
from typing import assert_never

from bots.terminal.layout import EDGE, Row, seen
from runtime.contents import VERB_LABELS, Card, Content, File, Page, Text
from runtime.excerpts import name_on
from runtime.questions import option_number
from runtime.records import Requirement
from runtime.showing import in_a_line, times_in
from runtime.tools.visible import make_prose_visible, make_visible

KEYS = {
    "a": "approve",
    "w": "always",
    "d": "deny",
    "c": "change",
    "n": "answer",
    "m": "mark_done",
    "f": "mark_failed",
    "r": "retry",
    "g": "again",
    "s": "show",
}
_KEY_OF = {verb: key for key, verb in KEYS.items()}
_TAKES_WORDS = {"deny": " and why", "change": " and what", "answer": " in your words"}
_IN_A_SHELL = {
    "approve": "approve {}",
    "always": "approve {} --always",
    "deny": 'deny {} --reason "…"',
    "change": 'change {} "…"',
    "answer": 'answer {} "…"',
    "mark_done": "mark-done {}",
    "mark_failed": "mark-failed {}",
    "retry": "retry {}",
    "again": "again {}",
}
_WHO = {
    Requirement.REQUESTER: "the person who asked, or an approver",
    Requirement.APPROVERS: "an approver",
    Requirement.OTHER_APPROVER: "an approver who did not ask for it",
}
_SHORT_LINES = 24
_SHORT_CHARACTERS = 2_000


def write_content(content: Content, *, whole: bool = False) -> str:
    """Any content as safe plain text. `whole` leaves nothing out of a card."""
    match content:
        case Text(markdown=markdown):
            return make_prose_visible(markdown)
        case File(name=name, text=text, comment=comment):
            head = make_visible(f"{comment}\n--- {name} ---".strip())
            return f"{head}\n{make_visible(text)}\n--- end of {make_visible(name)} ---"
        case Card():
            return write_card(content, whole=whole)
        case Page():
            return f"{make_visible(content.title)}\n{write_page_body(content)}".rstrip()
        case _:
            assert_never(content)


def write_card(card: Card, *, whole: bool = False, in_shell: bool = False) -> str:
    """A card for whatever may show it, of which nothing is known, least of all how wide it is: no line is broken here.

    Each line of the card's own has an edge, which nobody's text may hold: that stands behind a label, or indented below
    it. Where the reader's terminal breaks a long line, what goes on in the next has no edge, and so is seen to be text.
    """
    ways = _commands_for(card) if in_shell else [*_options_of(card), Row("   ".join(keys_of(card)))]
    lines = []
    for row in (Row(title_of(card)), *rows_of(card, whole=whole), *_closing_of(card), *ways):
        own, *text = row.lines()
        lines += [f"{EDGE} {own}" if own else "", *text]
    return "\n".join(lines).rstrip()


def title_of(card: Card) -> str:
    return seen(f"{in_a_line(make_visible(card.title))} · run {card.run_id}")


def rows_of(card: Card, *, whole: bool = False) -> list[Row]:
    """Everything about the call that a person decides on; long parts are shortened, and say so, unless `whole`."""
    rows = [
        Row("tool       ", f"{card.tool} ({card.risk} risk)" + (f" — {card.why_asked}" if card.why_asked else "")),
        Row("asked by   ", card.requested_by),
        Row("may decide ", card.deciders or _WHO[card.requirement]),
        Row("workspace  ", card.workspace),
        Row("expires    ", write_time(card.expires_at) if card.expires_at else "never"),
    ]
    if card.claim:
        rows.append(Row("the agent's own reason (its claim): ", card.claim))
    for argument in card.arguments:
        rows += _rows_of_part(name_on(card, argument), argument.text, card, whole=whole)
    if card.preview:
        rows += _rows_of_part("what it would do", card.preview, card, whole=whole, is_diff=True)
    if whole:
        rows.append(Row("digest     ", card.digest))
    return rows


def ending_of(card: Card) -> list[Row]:
    """How it was decided, or the answers that a question offers."""
    return [*_closing_of(card), *_options_of(card)]


def keys_of(card: Card) -> tuple[str, ...]:
    """What can be pressed, each with what it does."""
    offered = [button.verb for button in card.buttons if button.verb in _KEY_OF]
    if offered and "show" not in offered:
        offered.append("show")
    return tuple(
        f"[{_KEY_OF[verb]} {card.approval_id}] {VERB_LABELS[verb].rstrip('…')}{_TAKES_WORDS.get(verb, '')}"
        for verb in offered
    )


def write_closing(card: Card) -> str:
    return make_visible(
        f"Card {card.approval_id}: {in_local_time(in_a_line(make_visible(card.closing))) or card.status.value.replace('_', ' ')}"
    )


def write_page_body(page: Page) -> str:
    lines = []
    for entry in page.entries:
        lines.append(f"  {in_a_line(make_visible(entry.text))}")
        lines += [f"      {line}" for line in entry.detail.split("\n") if line]
    if page.note:
        lines.append(page.note)
    turns = [name for name, token in (("older", page.older), ("newer", page.newer)) if token]
    if turns:
        lines.append(f"({' and '.join(turns)}: type {' or '.join(turns)})")
    return in_local_time(make_visible("\n".join(lines)))


def write_time(moment: datetime, *, seconds: bool = False) -> str:
    """In this machine's own zone, by its name: everywhere at the terminal alike."""
    return f"{moment.astimezone():{'%Y-%m-%d %H:%M:%S %Z' if seconds else '%Y-%m-%d %H:%M %Z'}}"


def write_clock(moment: datetime) -> str:
    """The same of a moment that is near."""
    return f"{moment.astimezone():%H:%M:%S %Z}"


def in_local_time(text: str) -> str:
    """The same words; where a platform writes times in the reader's own zone, so does the terminal."""
    pieces = []
    for before, at, said in times_in(text):
        pieces.append(before)
        if said:
            moment = datetime.fromtimestamp(at, UTC)
            pieces.append(("on " if said.startswith("on ") else "") + write_time(moment, seconds=said.count(":") > 1))
    return "".join(pieces)


def _closing_of(card: Card) -> list[Row]:
    return [Row(in_local_time(in_a_line(make_visible(card.closing))))] if card.closing else []


def _options_of(card: Card) -> list[Row]:
    numbered = ((option_number(button.verb), button.label) for button in card.buttons)
    return [Row(f"[{number} {card.approval_id}] ", label) for number, label in numbered if number]


def _commands_for(card: Card) -> list[Row]:
    """What to type in a shell, where there are no keys."""
    offered = [button.verb for button in card.buttons if button.verb in _IN_A_SHELL]
    return [
        Row(f"{VERB_LABELS[verb].rstrip('…')}: mallard approvals {_IN_A_SHELL[verb].format(card.approval_id)}")
        for verb in offered
    ]


def _rows_of_part(name: str, text: str, card: Card, *, whole: bool, is_diff: bool = False) -> list[Row]:
    shown = text if whole else "\n".join(text.split("\n")[:_SHORT_LINES])[:_SHORT_CHARACTERS]
    left_out = len(text.encode("utf-8", "surrogatepass")) - len(shown.encode("utf-8", "surrogatepass"))
    rows = [Row(f"{name}: ", shown.removesuffix("\n") if is_diff else shown, is_diff=is_diff)]
    if left_out:
        more = f"… {left_out:,} bytes more: s {card.approval_id} shows everything (digest {card.digest[:12]}…)"
        rows.append(Row(more))
    return rows
