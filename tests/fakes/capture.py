"""All traffic of the loopbacks as JSON lines, for whoever wants to hold it against the vendors' own types.

`python -m tests --capture FILE` turns it on, or `pytest --capture-wire FILE`: pytest's own `--capture` means another
thing. tests/conftest.py takes the option over; a fixture gives `capture_for(request.config, "slack")` to the
loopback. Several workers may write to one file: a line is one append.

What the tests in RUDE send is left out: it is wrong on purpose, in the place of an app, to see that a loopback refuses it.
"""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

Capture = Callable[[str, str, Any], None]
_SECRET = re.compile(
    r"\b(?:xox[a-z]|xapp)-[\w-]+"  # Slack's tokens
    r"|\b[\w-]{24,}\.[\w-]{6}\.[\w-]{27,}"  # a bot's of Discord
    r"|\baW50ZXJhY3Rpb24[\w-]+"  # an interaction's of Discord
)
RUDE = frozenset(
    {
        "test_discord_commands.py",
        "test_discord_frames.py",
        "test_discord_interactions.py",
        "test_discord_permissions.py",
        "test_discord_strictness.py",
        "test_slack_strictness.py",
    }
)
_HELP = "write the loopbacks' traffic to FILE, but for what tests send that is wrong on purpose (RUDE in tests/fakes/capture.py)"
_SECRET_FIELDS = frozenset({"token", "bot_token", "access_token", "authorization"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--capture-wire", metavar="FILE", default=None, help=_HELP)


def capture_for(config: pytest.Config, platform: str) -> Capture | None:
    """What a loopback calls with (direction, method, body); None when nobody asked for a capture."""
    path = config.getoption("--capture-wire", default=None)
    return capture_to(path, platform) if path else None


def capture_to(path: str | os.PathLike[str], platform: str) -> Capture:
    """`direction` is "in" for what the loopback receives from the app, "out" for what it sends."""

    def write(direction: str, method: str, body: Any) -> None:
        line = {"platform": platform, "direction": direction, "method": method, "body": without_secrets(body)}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    return write


def without_secrets(value: Any) -> Any:
    """The same shape, every token in it replaced."""
    match value:
        case dict():
            return {
                name: "redacted" if name in _SECRET_FIELDS and isinstance(item, str) else without_secrets(item)
                for name, item in value.items()
            }
        case list() | tuple():
            return [without_secrets(item) for item in value]
        case str():
            return _SECRET.sub("redacted", value)
        case _:
            return value
