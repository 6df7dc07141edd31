"""Whether Discord knows our commands already. Pure."""

from copy import deepcopy
from typing import Any

import pytest

from bots.discord.sync import covers

OURS: list[dict[str, Any]] = [
    {
        "name": "ask",
        "type": 1,
        "description": "Ask Mallard",
        "options": [
            {
                "type": 3,
                "name": "request",
                "description": "What",
                "required": True,
                "min_length": 1,
                "max_length": 4000,
            },
            {"type": 5, "name": "debug", "description": "Show more", "required": False},
        ],
        "nsfw": False,
        "default_member_permissions": None,
        "contexts": [0, 1],
        "integration_types": [0],
    },
    {"name": "Ask about this", "type": 3, "contexts": [0, 1], "integration_types": [0]},
]
FILLED_IN = {
    "id": "1",
    "application_id": "2",
    "version": "3",
    "name_localizations": {},
    "description_localizations": {},
}
EMPTY: dict[str, Any] = {"choices": [], "channel_types": [], "min_value": None, "autocomplete": False, "options": []}


def theirs() -> list[dict[str, Any]]:
    """Our commands, as Discord tells of them."""
    told = [{"description": "", "options": [], **deepcopy(command), **FILLED_IN} for command in OURS]
    for command in told:
        command["options"] = [{**EMPTY, **option} for option in command["options"]]
    return told[::-1]


@pytest.mark.mistake(30)
def test_what_discord_fills_in_is_no_change() -> None:
    assert covers(OURS, theirs())


@pytest.mark.mistake(30)
def test_a_server_that_says_nothing_of_contexts_has_the_same_commands() -> None:
    told = [{**command, "contexts": None, "integration_types": None} for command in theirs()]

    assert covers(OURS, told)


@pytest.mark.mistake(30)
@pytest.mark.parametrize(
    "change",
    [
        {"description": "Ask somebody else"},
        {"options": []},
        {"options": OURS[0]["options"][::-1]},
        {"options": [{**OURS[0]["options"][0], "max_length": 100}, OURS[0]["options"][1]]},
        {"options": [{**OURS[0]["options"][0], "choices": [{"name": "a", "value": "a"}]}, OURS[0]["options"][1]]},
        {"contexts": [0]},
        {"name": "asks"},
    ],
    ids=str,
)
def test_every_change_is_seen(change: dict[str, Any]) -> None:
    changed = theirs()
    changed[1] = {**changed[1], **change}

    assert not covers(OURS, changed)


@pytest.mark.mistake(30)
def test_a_command_more_or_less_is_seen() -> None:
    assert not covers(OURS, theirs()[:1])
    assert not covers(OURS[:1], theirs())
    assert covers([], [])
