"""The operator's rules: what happens to which calls. The first that matches says so; what none may loosen stands here too."""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from runtime.intents import Intent
from runtime.records import Requirement, Risk, Run, UserRef
from runtime.roles import Roles


class Then(StrEnum):
    """What a rule says: run it · ask, in the words of MALLARD_ASK_… · never."""

    RUN = "run"
    ASK_REQUESTER = "ask requester"
    ASK_APPROVERS = "ask approvers"
    ASK_OTHER_APPROVER = "ask other_approver"
    DENY = "deny"


class Group(StrEnum):
    """Whom a rule can name without naming accounts."""

    APPROVERS = "approvers"
    ADMINS = "admins"


REQUIREMENTS: dict[Then, Requirement | None] = {
    Then.RUN: None,
    Then.ASK_REQUESTER: Requirement.REQUESTER,
    Then.ASK_APPROVERS: Requirement.APPROVERS,
    Then.ASK_OTHER_APPROVER: Requirement.OTHER_APPROVER,
}

_BY_STRICTNESS = (None, Requirement.REQUESTER, Requirement.APPROVERS, Requirement.OTHER_APPROVER)
_BY_RISK = tuple(Risk)


class Rule(Struct, frozen=True, kw_only=True):
    """One rule. What it does not name, it does not ask about; of a list, one has to fit. `place` is where it is written.

    Tools, workspaces and conversations are patterns with * for any part; `risk` is the least that it is about.
    """

    then: Then
    tools: tuple[str, ...] = ()
    risk: Risk = Risk.NONE
    workspaces: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    persons: tuple[UserRef | Group, ...] = ()
    why: str = ""
    place: str = ""

    def matches(self, intent: Intent, run: Run, roles: Roles) -> bool:
        return (
            _fits(intent.tool, self.tools)
            and _BY_RISK.index(intent.risk) >= _BY_RISK.index(self.risk)
            and _fits(run.workspace.id, self.workspaces)
            and _fits(run.where.written_channel, self.conversations)
            and (not self.persons or any(_is_one_of(run.asked_by, each, roles) for each in self.persons))
        )


def first_match(rules: Iterable[Rule], intent: Intent, run: Run, roles: Roles) -> Rule | None:
    return next((rule for rule in rules if rule.matches(intent, run, roles)), None)


def stricter(one: Requirement | None, other: Requirement | None) -> Requirement | None:
    """Of two demands the one that is harder to meet."""
    return max(one, other, key=_BY_STRICTNESS.index)


def is_weaker(one: Requirement | None, other: Requirement | None) -> bool:
    return _BY_STRICTNESS.index(one) < _BY_STRICTNESS.index(other)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_one_of(person: UserRef, named: UserRef | Group, roles: Roles) -> bool:
    match named:
        case Group.APPROVERS:
            return roles.is_approver(person)
        case Group.ADMINS:
            return roles.is_admin(person)
        case UserRef():
            return roles.are_same(person, named)
