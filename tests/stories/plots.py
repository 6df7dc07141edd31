"""What the scripted model says in the stories: short shell commands that leave a trace, and texts of the awkward kind."""

from collections.abc import Callable, Mapping
from typing import Any

from runtime.models.port import ModelRequest, Part, Role
from tests.fakes.scripted import call, directive, plans


def notes(word: str, **more: Any) -> dict[str, Any]:
    """A gated call that writes a word to the end of ran.txt."""
    return call("shell_exec_safe", command=f"sh -c 'echo {word} >> ran.txt'", **more)


RUN = directive(notes("ran"))

AWKWARD = {
    "markup": "a & b < c > d &amp; <!channel> <@UBOB> @everyone <https://example.org|here> ",
    "backticks": "```\n`code` *bold* _slanted_ ~gone~ > quoted\n# heading\n",
    "emoji": "👩‍👩‍👧‍👦🦆🏴‍☠️ :duck: ",
    "right to left": "\u202e\u2066שלום عالم\u2069 \u200f",
    "control": "".join(map(chr, range(0x01, 0x20))) + "\x7f\u0085\u2028\u2029\ufeff\u00ad",
    "one long word": "x",
    "blank": " \n\t",
    "everything": "& < > ``` 🦆 \u202e \x07 \u2028 <!here> @channel שלום \x1b[2J",
}
"""Texts that some platform or screen would stumble over, each to be repeated as often as it takes."""


def request_of(request: ModelRequest) -> str:
    return next(message.text for message in request.messages if message.part is Part.REQUEST)


def observations_of(request: ModelRequest) -> list[str]:
    return [message.text for message in request.messages if message.part is Part.OBSERVATION]


def for_each(steps: Mapping[str, str], answer: str = "Done.") -> Callable[[ModelRequest], str]:
    """One plan for each request, by its words; what is not named is answered without tools."""

    def says(request: ModelRequest) -> str:
        asked = request_of(request)
        plan = plans(*([steps[asked]] if asked in steps else []), answer=f"{answer} ({asked})")
        said = plan(request)
        assert isinstance(said, str)
        return said

    return says


def planned(requests: list[ModelRequest]) -> int:
    """How many of these asked for a plan."""
    return sum(request.role is Role.ACTION for request in requests)
