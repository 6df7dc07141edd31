"""What a planner is told of skills. Pure; of a skill that nobody approved it says the name, and nothing that stands in it."""

from collections.abc import Sequence

from runtime.skills.records import Shelved, Skill
from runtime.tools.visible import make_all_visible

_ROOM = 4_000  # characters for descriptions
_MOST_UNREAD = 20

_APPROVED = (
    "Skills, which people here wrote and approved. Where one fits the request, read it with read_skill before anything else, "
    "and do as it says:"
)
_UNREAD = "Skills that nobody approved yet, or that changed since. Reading one asks a person, who sees all of it: "


def words_for_planner(shelved: Sequence[Shelved]) -> str:
    """The skills by name, the approved ones with what they are for; "" where there are none."""
    skills = [(each.skill, each.is_approved) for each in shelved if isinstance(each.skill, Skill)]
    parts = []
    if lines := _lines([skill for skill, is_approved in skills if is_approved]):
        parts.append("\n".join([_APPROVED, *lines]))
    if unread := [skill.name for skill, is_approved in skills if not is_approved]:
        more = f" and {len(unread) - _MOST_UNREAD} more" if len(unread) > _MOST_UNREAD else ""
        parts.append(f"{_UNREAD}{', '.join(unread[:_MOST_UNREAD])}{more}.")
    return "\n\n".join(parts)


def _lines(skills: Sequence[Skill]) -> list[str]:
    """One for each; those for whose descriptions there is no room have their names alone."""
    lines, room = [], _ROOM
    for skill in skills:
        description = make_all_visible(skill.description)
        room -= len(description)
        lines.append(f"- {skill.name}: {description}" if room >= 0 else f"- {skill.name}")
    return lines
