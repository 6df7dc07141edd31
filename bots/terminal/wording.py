"""What is said in a terminal, as plain text. Nothing that a model or a tool wrote can steer the terminal."""

from datetime import datetime
from typing import assert_never

from runtime.contents import VERB_LABELS, Card, Content, File, Page, Text
from runtime.excerpts import name_on
from runtime.questions import option_number
from runtime.records import Requirement
from runtime.showing import in_a_line
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
            return f"{write_title(content)}\n{write_body(content, whole=whole)}\n{write_keys(content)}".rstrip()
        case Page():
            return f"{make_visible(content.title)}\n{write_page_body(content)}".rstrip()
        case _:
            assert_never(content)


def write_title(card: Card) -> str:
    return f"{in_a_line(make_visible(card.title))} · run {card.run_id}"


def write_body(card: Card, *, whole: bool = False) -> str:
    """Everything about the call that a person decides on; long parts are shortened, and say so, unless `whole`.

    Only the card's own lines begin at the margin with something else than `- `: all that others wrote has one line there, or is
    indented.
    """
    lines = [
        f"tool       {_in_place(card.tool)} ({card.risk} risk)"
        + (f" — {_in_place(card.why_asked)}" if card.why_asked else ""),
        f"asked by   {_in_place(card.requested_by)}",
        f"may decide {_in_place(card.deciders or _WHO[card.requirement])}",
        f"workspace  {_in_place(card.workspace)}",
        f"expires    {write_time(card.expires_at) if card.expires_at else 'never'}",
    ]
    if card.claim:
        lines.append(f"the agent's own reason (its claim): {_in_place(card.claim)}")
    lines += [_write_part(name_on(card, argument), argument.text, card, whole=whole) for argument in card.arguments]
    if card.preview:
        lines.append(_write_part("what it would do", card.preview, card, whole=whole))
    if whole:
        lines.append(f"digest     {card.digest}")
    return make_visible("\n".join(lines))


def write_keys(card: Card) -> str:
    """How to decide, or how it was decided."""
    offered = [button.verb for button in card.buttons if button.verb in _KEY_OF]
    if offered and "show" not in offered:
        offered.append("show")
    keys = "   ".join(
        f"[{_KEY_OF[verb]} {card.approval_id}] {VERB_LABELS[verb].rstrip('…')}{_TAKES_WORDS.get(verb, '')}"
        for verb in offered
    )
    options = [
        f"[{number} {card.approval_id}] {_in_place(button.label)}"
        for button in card.buttons
        if (number := option_number(button.verb))
    ]
    return make_visible("\n".join(line for line in (_in_place(card.closing), *options, keys) if line))


def write_closing(card: Card) -> str:
    return make_visible(f"Card {card.approval_id}: {_in_place(card.closing) or card.status.value.replace('_', ' ')}")


def write_page_body(page: Page) -> str:
    lines = []
    for entry in page.entries:
        lines.append(f"  {in_a_line(make_visible(entry.text))}")
        lines += [f"      {line}" for line in _lines(entry.detail) if entry.detail]
    if page.note:
        lines.append(page.note)
    turns = [name for name, token in (("older", page.older), ("newer", page.newer)) if token]
    if turns:
        lines.append(f"({' and '.join(turns)}: type {' or '.join(turns)})")
    return make_visible("\n".join(lines))


def write_time(moment: datetime) -> str:
    return f"{moment.astimezone():%a %d %b %H:%M}"


def _write_part(name: str, whole_text: str, card: Card, *, whole: bool) -> str:
    text = whole_text
    if not whole:
        text = "\n".join(_lines(text)[:_SHORT_LINES])[:_SHORT_CHARACTERS]
    left_out = len(whole_text.encode("utf-8", "surrogatepass")) - len(text.encode("utf-8", "surrogatepass"))
    if "\n" in text:
        text = "\n" + "\n".join(f"    {line}" for line in _lines(text))
    if left_out > 1:
        text += f"\n    … {left_out:,} bytes more: s {card.approval_id} shows everything (digest {card.digest[:12]}…)"
    return f"- {name}: {text}"


def _lines(text: str) -> list[str]:
    """As a screen has them: what else could end a line is written out."""
    return text.removesuffix("\n").split("\n")


def _in_place(text: str) -> str:
    """Where the text has several lines, the others are indented."""
    return text.replace("\n", "\n    ")
