"""What Discord takes as an application's commands."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.fakes.discord.shapes import (
    Problem,
    Shape,
    among,
    anything,
    array,
    flag,
    integer,
    nullable,
    record,
    snowflake,
    string,
)

CHAT, USER, MESSAGE = 1, 2, 3
MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
LONGEST_COMMAND = 8000
_NAME = re.compile(r"^[-_'\w]{1,32}$")
_CHOICE = record({"name": string(shortest=1, longest=100), "value": anything}, {"name_localizations": anything})


def _options(deeper: int) -> Shape:
    return array(_option(deeper), most=25)


def _option(deeper: int) -> Shape:
    optional: dict[str, Shape] = {
        "name_localizations": anything,
        "description_localizations": anything,
        "required": flag,
        "choices": array(_CHOICE, most=25),
        "channel_types": array(integer(least=0)),
        "min_value": integer(),
        "max_value": integer(),
        "min_length": integer(least=0, most=6000),
        "max_length": integer(least=1, most=6000),
        "autocomplete": flag,
    }
    inside = {"options": _options(deeper - 1)} if deeper else {}
    required = {
        "type": integer(least=1, most=11),
        "name": string(shortest=1, longest=32),
        "description": string(shortest=1, longest=100),
    }
    return record(required, {**optional, **inside})


_COMMAND = record(
    {"name": string(shortest=1, longest=32)},
    {
        "id": snowflake,
        "type": among(CHAT, USER, MESSAGE),
        "description": string(longest=100),
        "name_localizations": anything,
        "description_localizations": anything,
        "options": _options(2),
        "default_member_permissions": nullable(anything),
        "dm_permission": nullable(flag),
        "default_permission": nullable(flag),
        "contexts": nullable(array(among(0, 1, 2))),
        "integration_types": nullable(array(among(0, 1), least=1)),
        "nsfw": flag,
    },
)
COMMANDS = array(_COMMAND)


def problems_in_commands(commands: list[dict[str, Any]]) -> Iterator[Problem]:
    """What holds beyond the shape of each."""
    kinds = Counter(command.get("type", CHAT) for command in commands)
    for kind, count in kinds.items():
        if count > MOST[kind]:
            yield Problem("", f"{count} commands of type {kind}; {MOST[kind]} are allowed")
    named = Counter((command.get("type", CHAT), command["name"]) for command in commands)
    yield from (Problem("", f"{name} stands {count} times") for (_, name), count in named.items() if count > 1)
    for index, command in enumerate(commands):
        yield from _problems_in(command, f"/{index}")


def _problems_in(command: dict[str, Any], at: str) -> Iterator[Problem]:
    if command.get("type", CHAT) != CHAT:
        if command.get("description") or command.get("options"):
            yield Problem(at, "a context command has neither description nor options")
        return
    if not _is_name(command["name"]):
        yield Problem(f"{at}/name", f"{command['name']!r} is no name for a command: lower case, no spaces")
    if not command.get("description"):
        yield Problem(f"{at}/description", "missing required field: description")
    length = _length(command)
    if length > LONGEST_COMMAND:
        yield Problem(at, f"{length} characters in all; {LONGEST_COMMAND} are allowed")
    yield from _problems_in_options(command.get("options") or [], f"{at}/options")


def _problems_in_options(options: list[dict[str, Any]], at: str) -> Iterator[Problem]:
    for name, count in Counter(option["name"] for option in options).items():
        if count > 1:
            yield Problem(at, f"the option {name} stands {count} times")
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        yield Problem(at, "required options must stand before the others")
    for index, option in enumerate(options):
        here = f"{at}/{index}"
        if not _is_name(option["name"]):
            yield Problem(f"{here}/name", f"{option['name']!r} is no name for an option")
        if option.get("autocomplete") and option.get("choices"):
            yield Problem(here, "choices and autocomplete exclude each other")
        yield from _problems_in_options(option.get("options") or [], f"{here}/options")


def _is_name(name: str) -> bool:
    return bool(_NAME.match(name)) and name == name.lower()


def _length(command: dict[str, Any]) -> int:
    """Name, description and values of the command and everything in it."""
    own = len(command.get("name", "")) + len(command.get("description", ""))
    choices = sum(len(choice["name"]) + len(str(choice["value"])) for choice in command.get("choices") or ())
    return own + choices + sum(map(_length, command.get("options") or ()))
