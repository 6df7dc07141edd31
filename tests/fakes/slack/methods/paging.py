"""Cursors: opaque to the app, a position to us."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

from tests.fakes.slack.refusals import Breach

Item = TypeVar("Item")


def page(items: Sequence[Item], given: dict[str, Any], *, usual: int = 100) -> tuple[Sequence[Item], str]:
    """One page, and the cursor of the next; an empty cursor at the end."""
    start = _position(given.get("cursor") or "")
    limit = given.get("limit", usual)
    if not 1 <= limit <= 1000:
        raise Breach("invalid_limit", f"limit {limit} is not between 1 and 1000")
    end = start + limit
    return items[start:end], _cursor(end) if end < len(items) else ""


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise Breach("invalid_cursor", cursor) from None
