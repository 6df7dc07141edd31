"""What a person is shown of a skill before they say yes to it. Pure."""

from collections.abc import Callable, Iterator, Mapping

from runtime.skills.records import MANUAL, Held, Reading, Skill, SkillApproval
from runtime.tools.difference import difference
from runtime.tools.visible import shorten

_PREVIEW = 200_000
_NO_TEXT = "[not text: it cannot be shown]"

Mask = Callable[[str], str]


def why_it_asks(skill: Skill, approved: SkillApproval | None) -> str:
    """What makes a skill a matter for people."""
    tells = "What it says would tell the agent what to do."
    others = len(skill.files) - 1
    beside = f" Beside {MANUAL} it has {_count(others)}." if others else ""
    if approved is None:
        return f"Nobody approved the skill {skill.name} yet. {tells}{beside}"
    on = f"{approved.approved_at:%Y-%m-%d at %H:%M} UTC"
    same = (
        " Its files say what they said: what changed is which of them can be run."
        if _says_the_same(skill, approved)
        else ""
    )
    return f"The skill {skill.name} changed since {approved.approved_by} approved it on {on}.{same} {tells}{beside}"


def _says_the_same(skill: Skill, approved: SkillApproval) -> bool:
    return skill.files == approved.files and skill.digest != approved.digest


def preview_of(reading: Reading, approved: SkillApproval | None, mask: Mask) -> str:
    """SKILL.md against what was approved (whole, where nothing was), which other files are new or changed, and their texts."""
    parts = [_manual(reading.skill, approved, mask)]
    changes = list(_changes(reading.skill.files, approved.files if approved else {}))
    if changes:
        lines = (_line(change, path, reading.held) for change, path in changes)
        parts.append("\n".join(["Other files:", *lines]))
    for change, path in changes:
        if change in ("new", "changed"):
            parts.append(f"=== {path} ===\n{_text(reading.held[path], mask)}")
    return shorten("\n\n".join(parts), _PREVIEW)[0]


def _manual(skill: Skill, approved: SkillApproval | None, mask: Mask) -> str:
    before = approved.manual if approved else None
    return difference(before, mask(skill.manual), MANUAL) or f"{MANUAL} says what was approved."


def _changes(now: Mapping[str, str], before: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path in sorted({*now, *before} - {MANUAL}):
        if path not in now:
            yield "removed", path
        elif path not in before:
            yield "new", path
        else:
            yield ("as approved" if now[path] == before[path] else "changed"), path


def _line(change: str, path: str, held: Mapping[str, Held]) -> str:
    if path not in held:
        return f"- {path} ({change})"
    program = ", a program" if held[path].runs else ""
    return f"- {path} ({change}, {len(held[path].content):,} bytes{program})"


def _text(held: Held, mask: Mask) -> str:
    text = held.text
    return _NO_TEXT if text is None else mask(text)


def _count(files: int) -> str:
    return "one more file" if files == 1 else f"{files} more files"
