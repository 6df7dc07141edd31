"""The policy: which calls ask, whom, and who may answer. Pure; where nothing is known, it asks or refuses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.persons import UNLINKED, Persons, are_same
from runtime.proposals import ProposedCall, Ruling
from runtime.records import (
    ApprovalKind,
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
    """Who may talk, decide, and see all. `users` is None where everybody may talk who is at home there.

    Who is named is named with all accounts that are the same person's. What belongs to a place stays with it: being at
    the machine, or at home in a workspace, is not handed on to a person's other accounts.
    """

    users: frozenset[UserRef] | None = frozenset()
    approvers: frozenset[UserRef] = frozenset()
    admins: frozenset[UserRef] = frozenset()
    persons: Persons = UNLINKED

    def may_talk(self, person: UserRef, where: ConversationRef | None = None) -> bool:
        """Whether they may, in this conversation. Guests from another workspace have to be named one by one."""
        if person.platform == LOCAL or self._is_among(person, self.approvers, self.admins):
            return True
        if self.users is None:
            return where is None or not person.space or person.space == where.space
        return self._is_among(person, self.users)

    def is_approver(self, person: UserRef) -> bool:
        return person.platform == LOCAL or self._is_among(person, self.approvers)

    def is_admin(self, person: UserRef) -> bool:
        return person.platform == LOCAL or self._is_among(person, self.admins)

    def are_same(self, one: UserRef, other: UserRef) -> bool:
        """Whether these are accounts of one person."""
        return are_same(self.persons, one, other)

    def lends(self, giver: UserRef, taker: UserRef) -> bool:
        """Whether being one person with the giver would give an account of the taker a right that it has not."""
        takers = self.persons.accounts_of(taker)
        return (
            (self._is_among(giver, self.users or ()) and not all(self.may_talk(each) for each in takers))
            or (self._is_among(giver, self.approvers) and not all(self.is_approver(each) for each in takers))
            or (self._is_among(giver, self.admins) and not all(self.is_admin(each) for each in takers))
        )

    def _is_among(self, person: UserRef, *lists: Collection[UserRef]) -> bool:
        accounts = self.persons.accounts_of(person)
        return any(account in names for names in lists for account in accounts)


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
        if reviewed.assessment.is_question:
            return self._put_to_requester(at)
        requirement = self.requirements.get(reviewed.assessment.risk, Requirement.OTHER_APPROVER)
        if requirement is None:
            return Ruling(state=CallState.READY)
        if grant is not None and self.suffices(grant, reviewed.assessment.risk):
            return Ruling(state=CallState.READY, grant=grant.id)
        if not self._somebody_can_decide(requirement, run.asked_by):
            return Ruling(state=CallState.DENIED, denial=_by_policy(self._advice(requirement, run.asked_by)))
        return Ruling(state=CallState.AWAITING_APPROVAL, requirement=requirement, expires_at=self.expires(at))

    def _put_to_requester(self, at: datetime) -> Ruling:
        """A question runs nothing, so that no grant answers it: a person does."""
        return Ruling(
            state=CallState.AWAITING_APPROVAL,
            kind=ApprovalKind.QUESTION,
            requirement=Requirement.REQUESTER,
            expires_at=self.expires(at),
        )

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
                return self.roles.are_same(person, requester) or self.roles.is_approver(person)
            case Requirement.APPROVERS:
                return self.roles.is_approver(person)
            case Requirement.OTHER_APPROVER:
                return self.roles.is_approver(person) and not self.roles.are_same(person, requester)

    def may_grant(self, scope: GrantScope, requester: UserRef, person: UserRef) -> bool:
        """A requester's grant covers that requester; approvers may grant for a conversation, admins for a workspace."""
        match scope:
            case GrantScope.PERSON:
                return self.roles.are_same(person, requester) or self.roles.is_approver(person)
            case GrantScope.CONVERSATION:
                return self.roles.is_approver(person)
            case GrantScope.WORKSPACE:
                return self.roles.is_admin(person)

    def stands_behind(self, grant: Grant) -> bool:
        """Whether who made a grant could still make it today: taking a role away takes its grants' effect away."""
        if grant.scope is GrantScope.PERSON and self.roles.are_same(UserRef.parse(grant.subject), grant.created_by):
            return self.roles.may_talk(grant.created_by)
        if grant.scope is GrantScope.WORKSPACE:
            return self.roles.is_admin(grant.created_by)
        return self.roles.is_approver(grant.created_by)

    def _somebody_can_decide(self, requirement: Requirement, requester: UserRef) -> bool:
        if requirement is Requirement.REQUESTER:
            return True
        own = self.roles.persons.accounts_of(requester)
        if requirement is Requirement.APPROVERS:
            return bool(self.roles.approvers) or any(account.platform == LOCAL for account in own)
        return bool(self.roles.approvers - own)

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


def subjects_of(run: Run, persons: Persons = UNLINKED) -> tuple[tuple[str, str], ...]:
    """What a grant's (scope, subject) must be to cover a call of this run: whoever asked is covered by every account."""
    return (
        *((GrantScope.PERSON, str(account)) for account in persons.accounts_of(run.asked_by)),
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
