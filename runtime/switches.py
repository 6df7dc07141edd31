"""Options that a message brings itself, written before the request: `reflect=off feed the ducks`. Pure."""

import re

from msgspec.structs import replace

from runtime.records import IncomingMessage, Reasoning

_SWITCH = re.compile(r"\s*(?:(reasoning)=(on|off|auto)|(debug|reflect)=(on|off))(?=\s)", re.IGNORECASE)


def with_switches(message: IncomingMessage) -> IncomingMessage:
    """The message without the switches that it begins with, and with what they say. Without a request behind them they are
    none. What the platform was told in its own way (an option of a command) goes before."""
    found, end = dict[str, str](), 0
    while switch := _SWITCH.match(message.text, end):
        name, value = filter(None, switch.groups())
        found[name.lower()] = value.lower()
        end = switch.end()
    request = message.text[end:].strip()
    if not found or not request:
        return message
    return replace(
        message,
        text=request,
        reasoning=message.reasoning or (Reasoning(found["reasoning"]) if "reasoning" in found else None),
        debug=_given(message.debug, found.get("debug")),
        reflect=_given(message.reflect, found.get("reflect")),
    )


def _given(said: bool | None, switch: str | None) -> bool | None:
    return said if said is not None or switch is None else switch == "on"
