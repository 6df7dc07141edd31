"""Lessons that came back so often that they may be worth a skill. Pure; what becomes of it is for a person to say."""

from collections.abc import Sequence

from msgspec import Struct

from runtime.transcript import fenced

OFTEN = 3


class Taught(Struct, frozen=True):
    """A lesson, and how many runs taught it."""

    text: str
    runs: int


def worth_a_skill(lessons: Sequence[Taught]) -> tuple[Taught, ...]:
    """Those that at least three runs taught, the most taught first."""
    return tuple(sorted((each for each in lessons if each.runs >= OFTEN), key=lambda each: -each.runs))


def note_on_lessons(lessons: Sequence[Taught]) -> str:
    """What a planner is told of lessons that are worth a skill; "" where none of these is."""
    often = worth_a_skill(lessons)
    if not often:
        return ""
    texts = "\n".join(fenced(f"lesson that {each.runs} runs taught", each.text) for each in often)
    return (
        "The same lesson came back in several runs. Where it is a way to do things that others will need again, and no skill "
        "has it yet, you may propose one with propose_skill once the request is done; a person decides about it.\n"
        + texts
    )
