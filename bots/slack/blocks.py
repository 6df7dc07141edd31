"""Slack's blocks, as small functions: each is valid by itself, whatever text comes in."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bots.slack.wording import date_format, escaped
from runtime.showing import shortened, times_in

Block = dict[str, Any]

HEADER, SECTION, LABEL, BUTTON, VIEW_TITLE, OPTION = 150, 3_000, 2_000, 75, 24, 75
MESSAGE_BLOCKS, VIEW_BLOCKS, ACTIONS = 50, 100, 25
MESSAGE_TEXT = 12_000  # Slack refuses messages whose blocks hold more than about 13,200 characters together
FALLBACK = 3_000


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER)}


def plain_text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": shortened(text, limit) or "–", "emoji": False}


def mrkdwn(text: str, limit: int = SECTION) -> Block:
    """`text` is ours and escaped already."""
    return {"type": "mrkdwn", "text": text[:limit] if text.strip() else "–", "verbatim": True}


def section(text: str, *, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | ({"accessory": accessory} if accessory else {})


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, 2_000) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def markdown(text: str) -> Block:
    """`text` is neutralised already."""
    return {"type": "markdown", "text": text or "–"}


def button(label: str, *, action_id: str, value: str, style: str = "", confirm: Block | None = None) -> Block:
    block: Block = {"type": "button", "text": plain_text(label, BUTTON), "action_id": action_id, "value": value}
    block |= {"style": style} if style in ("primary", "danger") else {}
    return block | ({"confirm": confirm} if confirm else {})


def confirmation(title: str, text: str, *, yes: str, no: str) -> Block:
    """What Slack asks before it takes a click for one."""
    return {
        "title": plain_text(title, 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text(no, 30),
    }


def actions(elements: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(elements[:ACTIONS])}


def words(text: str, *, bold: bool = False, italic: bool = False, code: bool = False) -> Block:
    """A span of rich text: shown as it is, whatever stands in it. Nothing in it is read as markup."""
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic), ("code", code)) if wanted}
    return {"type": "text", "text": text or "–"} | ({"style": style} if style else {})


def spoken(text: str, *, bold: bool = False) -> Iterator[Block]:
    """Words with the times in them in the reader's own zone; times take no style."""
    for before, at, said in times_in(text):
        if before:
            yield words(before, bold=bold)
        if said:
            yield {"type": "date", "timestamp": at, "format": date_format(said), "fallback": said}


def rich_text(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def line(*spans: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(spans)}


def preformatted(text: str) -> Block:
    return {"type": "rich_text_preformatted", "elements": [words(text)]}


def quote(text: str) -> Block:
    return {"type": "rich_text_quote", "elements": [words(text)]}


def input_block(label: str, *, block_id: str, placeholder: str, optional: bool) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": optional,
        "label": plain_text(label, LABEL),
        "element": {
            "type": "plain_text_input",
            "action_id": block_id,
            "multiline": True,
            "max_length": 3_000,
            "placeholder": plain_text(placeholder, 150),
        },
    }


def modal(
    title: str, body: Sequence[Block], *, token: str = "", callback_id: str = "", submit: str = "", close: str = "Close"
) -> Block:
    view: Block = {
        "type": "modal",
        "title": plain_text(title, VIEW_TITLE),
        "close": plain_text(close, VIEW_TITLE),
        "blocks": list(body[:VIEW_BLOCKS]),
        "private_metadata": token,
        "callback_id": callback_id or "mallard:shown",
    }
    return view | ({"submit": plain_text(submit, VIEW_TITLE)} if submit else {})


def fallback(text: str) -> str:
    """What notifications and old clients show instead of blocks."""
    return escaped(shortened(text, FALLBACK)) or "–"


def length(blocks: Sequence[Block]) -> int:
    """How long Slack could find them: it does not say whether it counts characters or their JSON."""
    return len(json.dumps(blocks, ensure_ascii=False))
