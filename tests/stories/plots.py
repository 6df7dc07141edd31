"""What the scripted model plans in the stories: short shell commands that leave a trace in the workspace."""

from collections.abc import Callable, Mapping
from typing import Any

from runtime.models.port import ModelRequest, Part, Role
from tests.fakes.scripted import call, directive, plans


def notes(word: str, **more: Any) -> dict[str, Any]:
    """A gated call that writes a word to the end of ran.txt."""
    return call("shell_exec_safe", command=f"echo {word} >> ran.txt", **more)


RUN = directive(notes("ran"))


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
