"""The head of a SKILL.md, by the rules of the Agent Skills format. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from runtime.skills.strict_yaml import Value

LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1_024
_LONGEST_COMPATIBILITY = 500
_LONGEST_HEAD = 16_000
_FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RULE_OF_NAMES = (
    f"1 to {LONGEST_NAME} lower-case letters, digits and single hyphens between them, as in `release-notes`"
)


class Frontmatter(Struct, frozen=True, kw_only=True):
    """What a skill says of itself. `allowed_tools` is kept and allows nothing: that is for rules and people."""

    name: str
    description: str
    license: str = ""
    compatibility: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    allowed_tools: tuple[str, ...] = ()


def is_name(text: str) -> bool:
    """Whether a skill can be called so."""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None


def read_frontmatter(content: str, *, folder: str) -> Frontmatter | tuple[str, ...]:
    """The head of a SKILL.md that stands in a folder of this name, or sentences that say what is wrong and what is right."""
    from runtime.skills.strict_yaml import BadYaml, read_mapping  # a library that only skills need

    head = _head_of(content)
    if head is None:
        return ("It must begin with a line `---`, then the fields, then a line `---` again.",)
    if len(head) > _LONGEST_HEAD:
        return (f"Its head has {len(head):,} characters; {_LONGEST_HEAD:,} are the most.",)
    try:
        fields = read_mapping(head)
    except BadYaml as bad:
        return (str(bad),)
    if faults := tuple(_faults_in(fields, folder)):
        return faults
    return Frontmatter(
        name=str(fields["name"]),
        description=" ".join(str(fields["description"]).split()),
        license=str(fields.get("license", "")),
        compatibility=str(fields.get("compatibility", "")),
        metadata=_metadata(fields.get("metadata", {})),
        allowed_tools=_tools(fields.get("allowed-tools", [])),
    )


def _head_of(content: str) -> str | None:
    """What stands between the two lines. The first of them stays, empty: then lines are counted as in the file."""
    lines = content.split("\n")
    ends = (number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == "---")
    end = next(ends, None)
    return None if end is None or lines[0].rstrip() != "---" else "\n".join(["", *lines[1:end]])


def _faults_in(fields: "Mapping[str, Value]", folder: str) -> Iterator[str]:
    for name in fields:
        if name not in _FIELDS:
            yield f"`{name}` is not a field of the format ({', '.join(_FIELDS)}). Put it under `metadata`, or leave it out."
    yield from _faults_in_name(fields.get("name"), folder)
    yield from _faults_in_text("description", fields.get("description"), LONGEST_DESCRIPTION)
    if "license" in fields and not isinstance(fields["license"], str):
        yield "`license` must be a text: a licence's name, or that of a file."
    if "compatibility" in fields:
        yield from _faults_in_text("compatibility", fields["compatibility"], _LONGEST_COMPATIBILITY)
    if "metadata" in fields and not _is_metadata(fields["metadata"]):
        yield "`metadata` must be fields of your own, each with a text."
    if "allowed-tools" in fields and not _is_tools(fields["allowed-tools"]):
        yield "`allowed-tools` must be names with spaces between them, or a list of names."


def _faults_in_name(name: "Value | None", folder: str) -> Iterator[str]:
    if name is None:
        yield f"`name` is missing: {_RULE_OF_NAMES}."
    elif not isinstance(name, str) or not is_name(name):
        shown = f"{name!r:.80}" if isinstance(name, str) else "not a text"
        yield f"`name` is {shown}. Right would be {_RULE_OF_NAMES}."
    elif name != folder:
        yield f"`name` is {name!r}, and its folder is called {folder!r:.80}. Both must be the same."


def _faults_in_text(name: str, value: "Value | None", most: int) -> Iterator[str]:
    if value is None:
        yield f"`{name}` is missing: a text of 1 to {most:,} characters."
    elif not isinstance(value, str) or not value.strip():
        yield f"`{name}` must be a text of 1 to {most:,} characters."
    elif len(value) > most:
        yield f"`{name}` has {len(value):,} characters; {most:,} are the most."


def _is_metadata(value: "Value") -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_tools(value: "Value") -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _metadata(value: "Value") -> dict[str, str]:
    return {name: str(each) for name, each in value.items()} if isinstance(value, dict) else {}


def _tools(value: "Value") -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(str(each) for each in value)
