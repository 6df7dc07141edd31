"""What a client may send over the gateway, field by field."""

import json
from typing import Any

from tests.fakes.discord.sessions import HEARTBEAT, IDENTIFY, RESUME
from tests.fakes.discord.shapes import Shape, anything, array, flag, integer, nullable, record, string

PRESENCE, VOICE, MEMBERS = 3, 4, 8
UNKNOWN_OP, UNREADABLE = 4001, 4002

FRAMES: dict[int, Shape] = {
    HEARTBEAT: nullable(integer(least=0)),
    IDENTIFY: record(
        {
            "token": string(shortest=1),
            "intents": integer(least=0),
            "properties": record({"os": string(), "browser": string(), "device": string()}),
        },
        {
            "compress": flag,
            "large_threshold": integer(least=50, most=250),
            "shard": array(integer(least=0), least=2, most=2),
            "presence": anything,
        },
    ),
    RESUME: record({"token": string(shortest=1), "session_id": string(shortest=1), "seq": integer(least=0)}),
    PRESENCE: anything,
    VOICE: anything,
    MEMBERS: anything,
}


def read_frame(text: str) -> tuple[int, Any, str]:
    """The op (-1 where there is none), its payload, and what is wrong with it."""
    try:
        frame = json.loads(text)
        op, payload = frame["op"], frame.get("d")
    except (ValueError, TypeError, KeyError):
        return -1, None, f"no frame: {text[:80]!r}"
    if op not in FRAMES:
        return op, payload, f"unknown op {op}"
    return op, payload, "; ".join(map(str, FRAMES[op](payload, "")))
