"""Rich text: sections, lists, quotes, and the spans in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.slack.blockkit.shapes import (
    Problem,
    Shape,
    anything,
    array,
    choice,
    flag,
    integer,
    kind,
    record,
    string,
    tagged,
)
from tests.fakes.slack.blockkit.texts import BLOCK_ID, CHANNEL_ID, USER_ID

_STYLE = record(
    {},
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), flag),
)
_STYLED: Mapping[str, Shape] = {"style": _STYLE}
_SPAN = tagged(
    {
        "text": kind("text", {"text": string(shortest=1)}, _STYLED),
        "link": kind("link", {"url": string(shortest=1)}, {**_STYLED, "text": string(), "unsafe": flag}),
        "user": kind("user", {"user_id": USER_ID}, _STYLED),
        "usergroup": kind("usergroup", {"usergroup_id": string(shortest=1)}, _STYLED),
        "channel": kind("channel", {"channel_id": CHANNEL_ID}, _STYLED),
        "emoji": kind("emoji", {"name": string(shortest=1)}, {**_STYLED, "unicode": string(), "skin_tone": integer()}),
        "broadcast": kind("broadcast", {"range": choice("here", "channel", "everyone")}, _STYLED),
        "color": kind("color", {"value": string(shortest=1)}),
        "date": kind("date", {"timestamp": integer(), "format": string()}, {"url": string(), "fallback": string()}),
        "citation": anything,
    }
)
_SPANS = array(_SPAN)
_SECTION = kind("rich_text_section", {"elements": _SPANS})
_BORDER: Mapping[str, Shape] = {"border": integer(least=0, most=1)}
_PARTS: Mapping[str, Shape] = {
    "rich_text_section": _SECTION,
    "rich_text_list": kind(
        "rich_text_list",
        {"style": choice("bullet", "ordered"), "elements": array(_SECTION)},
        {**_BORDER, "indent": integer(least=0, most=8), "offset": integer(least=0)},
    ),
    "rich_text_quote": kind("rich_text_quote", {"elements": _SPANS}, _BORDER),
    "rich_text_preformatted": kind("rich_text_preformatted", {"elements": _SPANS}, {**_BORDER, "language": string()}),
}

RICH_TEXT = kind("rich_text", {"elements": array(tagged(_PARTS), least=1)}, {"block_id": BLOCK_ID})


def rich_text(value: Any, at: str) -> Iterator[Problem]:
    yield from RICH_TEXT(value, at)
