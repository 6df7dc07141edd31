"""The bodies that Discord takes: for every route what must stand in them and what may."""

from tests.fakes.discord.messages import COMPONENTS_V2, EPHEMERAL
from tests.fakes.discord.shapes import (
    Shape,
    among,
    anything,
    array,
    bits,
    either,
    flag,
    integer,
    nullable,
    record,
    snowflake,
    string,
)

SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12
_SENT_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2

ALLOWED_MENTIONS = record(
    {},
    {
        "parse": array(among("roles", "users", "everyone"), most=3),
        "roles": array(snowflake, most=100),
        "users": array(snowflake, most=100),
        "replied_user": flag,
    },
)
_REFERENCE = record(
    {"message_id": snowflake},
    {"type": among(0, 1), "channel_id": snowflake, "guild_id": snowflake, "fail_if_not_exists": flag},
)
_FIELD = record({"name": string(shortest=1, longest=256), "value": string(shortest=1, longest=1024)}, {"inline": flag})
_EMBED = record(
    {},
    {
        "title": string(longest=256),
        "type": among("rich"),
        "description": string(longest=4096),
        "url": string(),
        "timestamp": string(),
        "color": integer(least=0, most=0xFFFFFF),
        "footer": record({"text": string(longest=2048)}, {"icon_url": string()}),
        "image": record({"url": string()}),
        "thumbnail": record({"url": string()}),
        "author": record({"name": string(longest=256)}, {"url": string(), "icon_url": string()}),
        "fields": array(_FIELD, most=25),
    },
)
_FILE = record(
    {"id": snowflake},
    {
        "filename": string(shortest=1, longest=260),
        "description": nullable(string(longest=1024)),
        # what a fetched attachment carries besides, and an edit may send back
        "url": string(),
        "proxy_url": string(),
        "size": integer(least=0),
        "spoiler": flag,
        "content_type": string(),
    },
)
_SAID: dict[str, Shape] = {
    "content": nullable(string(longest=2000)),
    "embeds": nullable(array(_EMBED, most=10)),
    "allowed_mentions": nullable(ALLOWED_MENTIONS),
    "components": nullable(array(anything)),
    "attachments": nullable(array(_FILE, most=10)),
    "tts": flag,
}
CREATE_MESSAGE = record(
    {},
    {
        **_SAID,
        "nonce": either(string(longest=25), integer()),
        "enforce_nonce": flag,
        "message_reference": _REFERENCE,
        "sticker_ids": array(snowflake, most=3),
        "poll": anything,
        "flags": bits(_SENT_FLAGS),
    },
)
EDIT_MESSAGE = record({}, {**_SAID, "flags": nullable(bits(SUPPRESS_EMBEDS | COMPONENTS_V2))})
FOLLOW_UP = record({}, {**_SAID, "flags": bits(_SENT_FLAGS | EPHEMERAL), "poll": anything})

START_THREAD = record(
    {"name": string(shortest=1, longest=100)},
    {
        "auto_archive_duration": among(60, 1440, 4320, 10080),
        "rate_limit_per_user": nullable(integer(least=0, most=21600)),
    },
)
EDIT_CHANNEL = record(
    {},
    {
        "name": string(shortest=1, longest=100),
        "archived": flag,
        "locked": flag,
        "auto_archive_duration": among(60, 1440, 4320, 10080),
        "rate_limit_per_user": nullable(integer(least=0, most=21600)),
        "invitable": flag,
    },
)
OPEN_DIRECT = record({"recipient_id": snowflake})

_DEFER = record({}, {"flags": bits(EPHEMERAL)})
_CHOICE = record({"name": string(shortest=1, longest=100), "value": anything})
CALLBACK_DATA: dict[int, Shape] = {
    1: nullable(anything),
    4: FOLLOW_UP,
    5: nullable(_DEFER),
    6: nullable(_DEFER),
    7: FOLLOW_UP,
    8: record({"choices": array(_CHOICE, most=25)}),
    9: anything,  # judged by layout
}
CALLBACK = record({"type": among(*CALLBACK_DATA)}, {"data": anything})
