"""Blocks, and on which surfaces they may stand."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tests.fakes.slack.blockkit.elements import BUTTON, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from tests.fakes.slack.blockkit.richtext import RICH_TEXT
from tests.fakes.slack.blockkit.shapes import (
    Problem,
    Shape,
    anything,
    array,
    at_least_one,
    both,
    choice,
    exactly_one,
    flag,
    integer,
    kind,
    record,
    string,
    tagged,
)
from tests.fakes.slack.blockkit.texts import ALT_TEXT, BLOCK_ID, IMAGE, SLACK_FILE, URL, mrkdwn, plain, text

Surface = Literal["message", "modal", "home"]
_ID: Mapping[str, Shape] = {"block_id": BLOCK_ID}


def _block(name: str, required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    return kind(name, required, {**_ID, **(optional or {})})


_TASK_STATUS = choice("pending", "in_progress", "complete", "error")
_SOURCE = kind("url", {"url": string(shortest=1), "text": string(shortest=1)}, {"icon_url": string()})
TASK_CARD = _block(
    "task_card",
    {"task_id": string(shortest=1), "title": string(shortest=1)},
    {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(_SOURCE), "status": _TASK_STATUS},
)
CARD = both(
    _block(
        "card",
        {},
        {
            "hero_image": IMAGE,
            "icon": IMAGE,
            "slack_icon": anything,
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": array(BUTTON, most=3),
        },
    ),
    at_least_one("hero_image", "title", "body", "actions"),
)
_CELL = tagged(
    {
        "raw_text": kind("raw_text", {"text": string(shortest=1)}),
        "raw_number": kind("raw_number", {"value": anything}, {"text": string()}),
        "rich_text": RICH_TEXT,
    }
)
_COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": flag})
_COLUMN_SETTINGS = array(lambda value, at: _COLUMN(value, at) if value is not None else iter(()), most=20)


def _child(value: Any, at: str) -> Iterator[Problem]:
    yield from tagged({name: shape for name, shape in BLOCKS.items() if name != "container"})(value, at)


BLOCKS: Mapping[str, Shape] = {
    "actions": _block("actions", {"elements": array(tagged(IN_ACTIONS), least=1, most=25)}),
    "context": _block(
        "context",
        {
            "elements": array(
                tagged({"image": IMAGE, "plain_text": plain(3000), "mrkdwn": mrkdwn(3000)}), least=1, most=10
            )
        },
    ),
    "context_actions": _block("context_actions", {"elements": array(tagged(IN_CONTEXT_ACTIONS), least=1, most=5)}),
    "divider": _block("divider", {}),
    "header": _block("header", {"text": plain(150)}),
    "image": both(
        _block("image", {"alt_text": ALT_TEXT}, {"image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)}),
        exactly_one("image_url", "slack_file"),
    ),
    "input": _block(
        "input",
        {"label": plain(2000), "element": tagged(IN_INPUT)},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "markdown": _block("markdown", {"text": string(longest=12_000, shortest=1)}),
    "rich_text": RICH_TEXT,
    "section": both(
        _block(
            "section",
            {},
            {
                "text": text(3000),
                "fields": array(text(2000), least=1, most=10),
                "accessory": tagged(IN_SECTION),
                "expand": flag,
            },
        ),
        at_least_one("text", "fields"),
    ),
    "table": _block(
        "table", {"rows": array(array(_CELL, most=20), least=1, most=100)}, {"column_settings": _COLUMN_SETTINGS}
    ),
    "data_table": _block(
        "data_table",
        {"rows": array(array(_CELL, least=1, most=20), least=2, most=201), "caption": string(shortest=1)},
        {"page_size": integer(least=1, most=100), "row_header_column_index": integer(least=0)},
    ),
    "task_card": TASK_CARD,
    "plan": _block("plan", {"title": string(shortest=1)}, {"tasks": array(TASK_CARD, most=50)}),
    "card": CARD,
    "carousel": _block("carousel", {"elements": array(CARD, least=1, most=10)}),
    "container": both(
        _block(
            "container",
            {"child_blocks": array(_child, least=1, most=10)},
            {
                "title": plain(150),
                "rich_text_title": RICH_TEXT,
                "subtitle": plain(150),
                "width": choice("narrow", "standard", "wide", "full"),
                "icon": anything,
                "is_collapsible": flag,
                "default_collapsed": flag,
                "has_header_divider": flag,
            },
        ),
        at_least_one("title", "rich_text_title"),
    ),
    "alert": _block("alert", {"text": text(200)}, {"level": choice("default", "info", "warning", "error", "success")}),
    "file": _block("file", {"external_id": string(shortest=1), "source": choice("remote")}),
    "video": _block(
        "video",
        {"alt_text": ALT_TEXT, "title": plain(200), "thumbnail_url": URL, "video_url": URL},
        {
            "author_name": string(longest=50),
            "description": plain(200),
            "provider_icon_url": string(longest=2000),
            "provider_name": string(longest=50),
            "title_url": string(longest=2000),
        },
    ),
}

_EVERYWHERE = frozenset(
    {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
)
SURFACES: Mapping[Surface, frozenset[str]] = {
    "message": frozenset(BLOCKS) - {"alert"},
    "modal": _EVERYWHERE | {"alert"},
    "home": _EVERYWHERE | {"carousel", "container", "data_table", "table"},
}
