"""Text objects, options, confirmations: the parts that blocks and elements share."""

from tests.fakes.slack.blockkit.shapes import (
    Shape,
    array,
    at_least_one,
    both,
    choice,
    exactly_one,
    flag,
    kind,
    record,
    string,
    tagged,
)


def plain(longest: int, *, shortest: int = 1) -> Shape:
    return kind("plain_text", {"text": string(longest=longest, shortest=shortest)}, {"emoji": flag})


def mrkdwn(longest: int) -> Shape:
    return kind("mrkdwn", {"text": string(longest=longest, shortest=1)}, {"verbatim": flag})


def text(longest: int) -> Shape:
    return tagged({"plain_text": plain(longest), "mrkdwn": mrkdwn(longest)})


ACTION_ID = string(longest=255, shortest=1)
BLOCK_ID = string(longest=255, shortest=1)
URL = string(longest=3000, shortest=1, pattern=r"(?s)(https?|slack|mailto)://?.+")
ALT_TEXT = string(longest=2000)
USER_ID = string(pattern=r"[UW][A-Z0-9_]+")
CHANNEL_ID = string(pattern=r"[CGD][A-Z0-9_]+")
CONVERSATION_ID = string(pattern=r"[CGDUW][A-Z0-9_]+")

CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)


def option(label: Shape, *, url: bool = False) -> Shape:
    return record(
        {"text": label, "value": string(longest=150, shortest=1)},
        {"description": text(75), **({"url": URL} if url else {})},
    )


PLAIN_OPTION = option(plain(75))
RICH_OPTION = option(text(75))
OPTION_GROUP = record({"label": plain(75), "options": array(PLAIN_OPTION, least=1, most=100)})

SLACK_FILE = both(record({}, {"id": string(shortest=1), "url": string(shortest=1)}), at_least_one("id", "url"))
IMAGE = both(
    kind("image", {"alt_text": ALT_TEXT}, {"image_url": URL, "slack_file": SLACK_FILE}),
    exactly_one("image_url", "slack_file"),
)
DISPATCH = record({"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), least=1, most=2)})
