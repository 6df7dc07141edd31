"""The policy: which calls ask, whom, and who may answer. Pure; where nothing is known, it asks or refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.proposals import ProposedCall, Ruling
from runtime.records import (
    ConversationRef,
    Denial,
    DeniedBy,
    Grant,
    GrantId,
    GrantScope,
    Requirement,
    Risk,
    Run,
    UserRef,
)
from runtime.states import CallState
from runtime.tools.gateway import Reviewed

LOCAL = "terminal"  # whoever sits at the machine owns it: a user, an approver and an administrator

DEFAULT_REQUIREMENTS: Mapping[Risk, Requirement | None] = {
    Risk.NONE: None,
    Risk.LOW: None,
    Risk.MEDIUM: Requirement.REQUESTER,
    Risk.HIGH: Requirement.APPROVERS,
    Risk.CRITICAL: Requirement.OTHER_APPROVER,
}

DECIDERS: Mapping[Requirement, str] = {
    Requirement.REQUESTER: "the requester or an approver",
    Requirement.APPROVERS: "an approver",
    Requirement.OTHER_APPROVER: "an approver other than the requester",
}


_SETTING = "MALLARD_APPROVERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who may talk, decide, and see all. `users` is None where everybody may talk who is at home there."""

    users: frozenset[UserRef] | None = frozenset()
    approvers: frozenset[UserRef] = frozenset()
    admins: frozenset[UserRef] = frozenset()

    def may_talk(self, person: UserRef, where: ConversationRef | None = None) -> bool:
        """Whether they may, in this conversation. Guests from another workspace have to be named one by one."""
        if person.platform == LOCAL or person in self.approvers or person in self.admins:
            return True
        if self.users is None:
            return where is None or not person.space or person.space == where.space
        return person in self.users

    def is_approver(self, person: UserRef) -> bool:
        return person.platform == LOCAL or person in self.approvers

    def is_admin(self, person: UserRef) -> bool:
        return person.platform == LOCAL or person in self.admins


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`requirements` names for each risk who is asked, None: nobody. `expiry` is how long a card can be decided."""

    roles: Roles
    requirements: Mapping[Risk, Requirement | None]
    expiry: timedelta | None = None

    def rule(self, reviewed: Reviewed, run: Run, *, grant: Grant | None, at: datetime) -> Ruling:
        """What happens to a call: it runs, it asks, or it is denied with words for the person who asked."""
        if reviewed.assessment.refusal:
            return Ruling(state=CallState.DENIED, denial=_by_policy(reviewed.assessment.refusal))
        requirement = self.requirements.get(reviewed.assessment.risk, Requirement.OTHER_APPROVER)
        if requirement is None:
            return Ruling(state=CallState.READY)
        if grant is not None and self.suffices(grant, reviewed.assessment.risk):
            return Ruling(state=CallState.READY, grant=grant.id)
        if not self._somebody_can_decide(requirement, run.asked_by):
            return Ruling(state=CallState.DENIED, denial=_by_policy(self._advice(requirement, run.asked_by)))
        return Ruling(state=CallState.AWAITING_APPROVAL, requirement=requirement, expires_at=self.expires(at))

    def asks(self, risk: Risk) -> bool:
        """Whether a call of this risk needs anybody's yes at all."""
        return self.requirements.get(risk, Requirement.OTHER_APPROVER) is not None

    def suffices(self, grant: Grant, risk: Risk) -> bool:
        """Whether a standing approval spares a call of this risk the question. A second person is asked each time."""
        requirement = self.requirements.get(risk, Requirement.OTHER_APPROVER)
        return requirement is not Requirement.OTHER_APPROVER and self.stands_behind(grant)

    def expires(self, at: datetime) -> datetime | None:
        """When a card that is asked now stops to be decidable."""
        return None if self.expiry is None else at + self.expiry

    def may_decide(self, requirement: Requirement, requester: UserRef, person: UserRef) -> bool:
        match requirement:
            case Requirement.REQUESTER:
                return person == requester or self.roles.is_approver(person)
            case Requirement.APPROVERS:
                return self.roles.is_approver(person)
            case Requirement.OTHER_APPROVER:
                return self.roles.is_approver(person) and person != requester

    def may_grant(self, scope: GrantScope, requester: UserRef, person: UserRef) -> bool:
        """A requester's grant covers that requester; approvers may grant for a conversation, admins for a workspace."""
        match scope:
            case GrantScope.PERSON:
                return person == requester or self.roles.is_approver(person)
            case GrantScope.CONVERSATION:
                return self.roles.is_approver(person)
            case GrantScope.WORKSPACE:
                return self.roles.is_admin(person)

    def stands_behind(self, grant: Grant) -> bool:
        """Whether who made a grant could still make it today: taking a role away takes its grants' effect away."""
        if grant.scope is GrantScope.PERSON and grant.subject == str(grant.created_by):
            return self.roles.may_talk(grant.created_by)
        if grant.scope is GrantScope.WORKSPACE:
            return self.roles.is_admin(grant.created_by)
        return self.roles.is_approver(grant.created_by)

    def _somebody_can_decide(self, requirement: Requirement, requester: UserRef) -> bool:
        if requirement is Requirement.REQUESTER:
            return True
        if requirement is Requirement.APPROVERS and requester.platform == LOCAL:
            return True
        return bool(self.roles.approvers - ({requester} if requirement is Requirement.OTHER_APPROVER else set()))

    def _advice(self, requirement: Requirement, requester: UserRef) -> str:
        if requirement is Requirement.OTHER_APPROVER:
            return (
                "This call needs a yes from an approver other than the person who asked, and there is none. "
                f"Add somebody else to {_SETTING} (written like {requester}), then ask again."
            )
        return (
            "This call needs a yes from an approver, and none is configured. "
            f"To become one, set {_SETTING}={requester} where Mallard runs and start it again, then ask again."
        )


def subjects_of(run: Run) -> tuple[tuple[str, str], ...]:
    """What a grant's (scope, subject) must be to cover a call of this run."""
    return (
        (GrantScope.PERSON, str(run.asked_by)),
        (GrantScope.CONVERSATION, run.where.written_channel),
        (GrantScope.WORKSPACE, run.workspace.id),
    )


def grant_for(run: Run, *, tool: str, digest: str, shown: str, scope: GrantScope, by: UserRef, at: datetime) -> Grant:
    """The grant that "always allow" makes of a call: exactly these arguments in this workspace."""
    return Grant(
        id=GrantId(0),
        tool=tool,
        digest=digest,
        scope=scope,
        subject=dict(subjects_of(run))[scope],
        workspace=run.workspace.id,
        shown=shown,
        created_by=by,
        created_at=at,
    )


def proposed(reviewed: Reviewed, reason: str, ruling: Ruling) -> ProposedCall:
    """A reviewed call with its ruling, ready to be recorded."""
    return ProposedCall(
        tool=reviewed.tool,
        version=reviewed.version,
        arguments=reviewed.arguments,
        digest=reviewed.digest,
        effect=reviewed.effect,
        risk=reviewed.assessment.risk,
        reason=reason,
        why_asked=reviewed.assessment.why_asked,
        preview=reviewed.assessment.preview,
        target=reviewed.assessment.target,
        ruling=ruling,
    )


def advice_in(run: Run) -> tuple[str, ...]:
    """What an operator has to set before calls of this run can be asked for: nobody could have decided them."""
    denials = [call.denial for step in run.steps for call in step.calls if call.denial is not None]
    found = [denial.reason for denial in denials if denial.by is DeniedBy.POLICY and _SETTING in denial.reason]
    return tuple(dict.fromkeys(found))


def _by_policy(reason: str) -> Denial:
    return Denial(by=DeniedBy.POLICY, reason=reason)
