"""The policy's rules as an operator writes them, and which of them cannot do what they say."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, InstanceOf, StringConstraints, model_validator
from pydantic_core import ErrorDetails

from bots.settings.values import Conversation, read_person, soften
from runtime.records import Requirement, Risk, UserRef
from runtime.rules import REQUIREMENTS, Group, Then, is_weaker

_KEYS = ("tool", "risk", "workspace", "conversation", "person", "then", "why")


def _split(value: object) -> object:
    """What is not empty: a condition without anything in it would match everything, which nobody means who writes one."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not value:
        raise ValueError("something; leave the line out to mean every one")
    return value


def _read_person(value: object) -> object:
    if not isinstance(value, str):
        return value
    return Group(value) if value in tuple(Group) else read_person(value)


Pattern: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
Patterns: TypeAlias = Annotated[tuple[Pattern, ...], BeforeValidator(_split)]
Conversations: TypeAlias = Annotated[tuple[Conversation, ...], BeforeValidator(_split)]
Persons: TypeAlias = Annotated[
    tuple[Annotated[InstanceOf[UserRef] | Group, BeforeValidator(_read_person)], ...], BeforeValidator(_split)
]


class RuleChoice(BaseModel):
    """What happens to calls that are like this. `place` is where it is written: nobody writes that down."""

    # Not built alone: it is checked as a part of the settings.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    then: Then
    tool: Patterns = ()
    risk: Risk = Risk.NONE
    workspace: Patterns = ()
    conversation: Conversations = ()
    person: Persons = ()
    why: str = ""
    place: str = ""

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key not in _KEYS:
                raise ValueError(f"a rule that has {', '.join(_KEYS)} and nothing else: there is no {str(key)!r}")
        return given

    @property
    def is_about_everything(self) -> bool:
        return not (self.tool or self.workspace or self.conversation or self.person) and self.risk is Risk.NONE


def explain_rule(detail: ErrorDetails, lines: Mapping[str, int], within: list[str], file: str) -> str:
    """What is wrong with the rule that stands at these lines."""
    key = within[0] if within and within[0] in lines else ""
    where = f"{file}, line {lines[key]}"
    if detail["type"] == "missing":
        return f"{where}: this rule lacks `{'.'.join(within)}`. Right would be one of {', '.join(map(repr, map(str, Then)))}."
    said = f"{key} is {str(detail['input'])[:80]!r}" if key else "this rule is wrong"
    right = soften(detail["msg"])
    return f"{where}: {said}. Right would be {right if detail['type'] == 'wanted' else _WANTED.get(key, right)}."


_WANTED = {
    "person": "a list of people such as slack:T012/U034, or of the words approvers and admins",
    "then": f"one of {', '.join(map(repr, map(str, Then)))}",
}


def find_lines(text: str, table: str, keys: tuple[str, ...] = _KEYS) -> tuple[dict[str, int], ...]:
    """For each `[[table]]` of a TOML text the line of its header, as "", and of its keys."""
    found: list[dict[str, int]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if re.fullmatch(rf"\s*\[\[\s*{table}\s*\]\]\s*(#.*)?", line):
            found.append({"": number})
            inside = True
        elif re.match(r"\s*\[", line):
            inside = False
        elif inside and (key := re.match(r"\s*([a-z_]+)\s*=", line)) and key[1] in keys:
            found[-1].setdefault(key[1], number)
    return tuple(found)


def check_rules(rules: tuple[RuleChoice, ...], critical: Requirement | None) -> Iterator[str]:
    """What is wrong with rules that are each well written."""
    for number, rule in enumerate(rules):
        if any(earlier.is_about_everything for earlier in rules[:number]):
            yield f"{rule.place}: this rule is never reached, because one before it is about everything. Put it further up."
        elif rule.risk is Risk.CRITICAL and rule.then in REQUIREMENTS and is_weaker(REQUIREMENTS[rule.then], critical):
            yield (
                f"{rule.place}: `{rule.then}` would change nothing here: no rule asks less of a critical call than "
                f"MALLARD_ASK_CRITICAL does, which is {critical.value if critical else 'nobody'}."
            )
