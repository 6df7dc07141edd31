"""Questions that the agent asks people: what they say, and which buttons stand for their options. Pure."""

import re

from runtime.records import ToolCall

MOST_OPTIONS = 5
_OPTION = re.compile(r"answer_([1-9])")


def option_verb(number: int) -> str:
    """The verb of an option's button, counted from 1. It says which option, never what the option says."""
    return f"answer_{number}"


def option_number(verb: str) -> int:
    """Which option a verb stands for; 0 for none."""
    found = _OPTION.fullmatch(verb)
    return int(found[1]) if found else 0


def question_of(call: ToolCall) -> str:
    return str(call.arguments.get("question", ""))


def options_of(call: ToolCall) -> tuple[str, ...]:
    """What the call offers to choose from, as it was recorded; none where it is no question."""
    options = call.arguments.get("options", ())
    return tuple(map(str, options[:MOST_OPTIONS])) if isinstance(options, list | tuple) else ()
