"""The policy: which calls ask, whom, and who may answer. Pure; where nothing is known, it asks or refuses."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from runtime.grants import covers
from runtime.intents import Intent, planned
from runtime.proposals import ProposedCall, Ruling
from runtime.records import (
    Approval,
    ApprovalKind,
    Denial,
    DeniedBy,
    Grant,
    GrantKind,
    GrantScope,
    Requirement,
    Risk,
    Run,
    UserRef,
)
from runtime.roles import LOCAL, Roles
from runtime.rules import REQUIREMENTS, Rule, Then, first_match, is_weaker, stricter
from runtime.states import ApprovalStatus, CallState
from runtime.taint import reads_own_file
from runtime.tools.gateway import Reviewed

__all__ = ["DECIDERS", "DEFAULT_REQUIREMENTS", "LOCAL", "Demand", "Policy", "Roles", "advice_in", "proposed"]

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


class Demand(Struct, frozen=True, kw_only=True):
    """Who has to say yes to a call, None: nobody. `denial` says why it never runs, "" where it may.

    `rule` is the operator's rule that said so, None where the settings did. `each_time`: no standing approval spares it.
    """

    requirement: Requirement | None
    denial: str = ""
    rule: Rule | None = None
    each_time: bool = False


class Policy(Struct, frozen=True, kw_only=True):
    """`requirements` names for each risk who is asked, None: nobody. `expiry` is how long a card can be decided.

    The first of `rules` that matches a call says otherwise, but for three things: what a tool refuses is refused, a critical
    call asks whom the settings say at least, and what could send out what the run has read, or is to be asked each time (as
    what no sandbox holds is), asks somebody, each time.
    """

    roles: Roles
    requirements: Mapping[Risk, Requirement | None]
    expiry: timedelta | None = None
    rules: tuple[Rule, ...] = ()

    def rule(self, reviewed: Reviewed, run: Run, *, grant: Grant | None, at: datetime) -> Ruling:
        """What happens to a call: it runs, it asks, or it is denied with words for the person who asked."""
        if reviewed.assessment.refusal:
            return Ruling(state=CallState.DENIED, denial=_by_policy(reviewed.assessment.refusal))
        intent = planned(reviewed, run)
        demand = self.demand(intent, run)
        if demand.denial:
            return Ruling(state=CallState.DENIED, denial=_by_policy(demand.denial))
        if reviewed.assessment.is_question:
            return self._put_to_requester(at)
        if demand.requirement is None:
            return Ruling(state=CallState.READY)
        asked = self.asking(demand.requirement, run.asked_by, at)
        if grant is not None and self.spares(grant, intent, run):
            return Ruling(state=CallState.READY, grant=grant.id, otherwise=asked)
        return asked

    def _put_to_requester(self, at: datetime) -> Ruling:
        """A question runs nothing, so that no grant answers it: a person does."""
        return Ruling(
            state=CallState.AWAITING_APPROVAL,
            kind=ApprovalKind.QUESTION,
            requirement=Requirement.REQUESTER,
            expires_at=self.expires(at),
        )

    def demand(self, intent: Intent, run: Run) -> Demand:
        """Who has to say yes to a call that its tool does not refuse, as settings and rules stand now."""
        usual = self.requirements.get(intent.risk, Requirement.OTHER_APPROVER)
        rule = first_match(self.rules, intent, run, self.roles)
        if rule is not None and rule.then is Then.DENY:
            why = rule.why or "A rule of whoever runs Mallard forbids this call."
            return Demand(requirement=Requirement.OTHER_APPROVER, denial=why, rule=rule, each_time=True)
        requirement = usual if rule is None else REQUIREMENTS[rule.then]
        if intent.risk is Risk.CRITICAL or intent.risk not in self.requirements:
            requirement = stricter(requirement, usual)
        if intent.taint or intent.each_time:
            requirement = stricter(requirement, Requirement.REQUESTER)
        each_time = bool(intent.taint) or intent.each_time or requirement is Requirement.OTHER_APPROVER
        return Demand(requirement=requirement, rule=rule, each_time=each_time)

    def spares(self, grant: Grant, intent: Intent, run: Run) -> bool:
        """Whether a standing approval spares this call the question, as settings, rules and roles stand now.

        It never stands in for a second person, nor for a look at what would carry out what the run has read; and nothing
        critical is covered but by an approval of that very call.
        """
        demand = self.demand(intent, run)
        if demand.each_time or not covers(grant, intent, run) or not self.stands_behind(grant):
            return False
        if grant.kind is not GrantKind.EXACT and intent.risk is Risk.CRITICAL:
            return False
        return self._could_say_yes(grant, demand.requirement)

    def allows(self, approval: Approval, intent: Intent, run: Run) -> bool:
        """Whether the decision that a person made is enough for what is demanded by now."""
        if approval.status not in (ApprovalStatus.APPROVED, ApprovalStatus.ANSWERED):
            return False
        demand = self.demand(intent, run)
        if demand.denial:
            return False
        if approval.decision is None or not is_weaker(approval.requirement, demand.requirement):
            return True
        return self.may_decide(demand.requirement or approval.requirement, run.asked_by, approval.decision.by)

    def who_was_there(self, intent: Intent, run: Run) -> Requirement:
        """Who may say what became of a call that may or may not have run."""
        demand = self.demand(intent, run)
        wanted = None if demand.denial else demand.requirement
        return wanted or self.requirements.get(intent.risk) or Requirement.REQUESTER

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

    def somebody_can_decide(self, requirement: Requirement, requester: UserRef) -> bool:
        """Whether there is anybody who could say yes."""
        if requirement is Requirement.REQUESTER:
            return True
        own = self.roles.persons.accounts_of(requester)
        if requirement is Requirement.APPROVERS:
            return bool(self.roles.approvers) or any(account.platform == LOCAL for account in own)
        return bool(self.roles.approvers - own)

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

    def _could_say_yes(self, grant: Grant, requirement: Requirement | None) -> bool:
        """Whether who made a grant could have said yes to what is demanded: a requester's word is not an approver's."""
        if requirement is not Requirement.APPROVERS:
            return True
        by = grant.created_by
        return self.roles.is_approver(by) or (grant.scope is GrantScope.WORKSPACE and self.roles.is_admin(by))

    def asking(self, requirement: Requirement, requester: UserRef, at: datetime) -> Ruling:
        """A call that somebody has to say yes to: it waits, or is denied with advice where nobody could."""
        if not self.somebody_can_decide(requirement, requester):
            return Ruling(state=CallState.DENIED, denial=_by_policy(self._advice(requirement, requester)))
        return Ruling(state=CallState.AWAITING_APPROVAL, requirement=requirement, expires_at=self.expires(at))

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


def proposed(reviewed: Reviewed, reason: str, ruling: Ruling, run: Run) -> ProposedCall:
    """A reviewed call with its ruling, ready to be recorded as the run's next."""
    is_own = reads_own_file(run, reviewed.tool, reviewed.arguments)
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
        reads_untrusted=reviewed.assessment.reads_untrusted and not is_own,
        sends_out=reviewed.assessment.sends_out,
        each_time=reviewed.assessment.each_time,
        ruling=ruling,
    )


def advice_in(run: Run) -> tuple[str, ...]:
    """What an operator has to set before calls of this run can be asked for: nobody could have decided them."""
    denials = [call.denial for step in run.steps for call in step.calls if call.denial is not None]
    found = [denial.reason for denial in denials if denial.by is DeniedBy.POLICY and _SETTING in denial.reason]
    return tuple(dict.fromkeys(found))


def _by_policy(reason: str) -> Denial:
    return Denial(by=DeniedBy.POLICY, reason=reason)
