"""What would happen to a call, and why: looked at as the agent would, and nothing run."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from runtime.archive import Archive
from runtime.grants import words_of
from runtime.intents import planned
from runtime.policy import DECIDERS, Policy
from runtime.proposals import Ruling
from runtime.records import Grant, Requirement, Run
from runtime.rules import Rule
from runtime.standing import find_standing
from runtime.states import CallState
from runtime.tools.gateway import Gateway, Reviewed


class Explanation(Struct, frozen=True, kw_only=True):
    """`rule` is the operator's rule that matches, None where none does. `grant` is the standing approval that covers it.

    `later` is what would happen once the run has read what nobody vouches for, where that makes a difference.
    """

    reviewed: Reviewed
    ruling: Ruling
    rule: Rule | None = None
    grant: Grant | None = None
    later: Ruling | None = None


async def explain(
    tool: str, arguments: object, run: Run, *, gateway: Gateway, policy: Policy, record: Archive, at: datetime
) -> Explanation:
    """What the policy says of a call that would be this run's next."""
    reviewed = await gateway.review(tool, arguments, run.workspace)
    if reviewed.assessment.refusal:
        return Explanation(reviewed=reviewed, ruling=policy.rule(reviewed, run, grant=None, at=at))
    intent = planned(reviewed, run)
    grant = find_standing(record, policy, intent, run, at)
    ruling = policy.rule(reviewed, run, grant=grant, at=at)
    later = None
    if reviewed.assessment.sends_out and ruling.state is CallState.READY:
        tainted = policy.demand(replace(intent, taint="after reading"), run).requirement or Requirement.REQUESTER
        later = policy.asking(tainted, run.asked_by, at)
    rule = policy.demand(intent, run).rule
    return Explanation(reviewed=reviewed, ruling=ruling, rule=rule, grant=grant, later=later)


def lines_of(explanation: Explanation, run: Run, policy: Policy) -> Iterator[str]:
    """The same in plain words: what it is, what says so, and what comes of it."""
    reviewed, assessment = explanation.reviewed, explanation.reviewed.assessment
    if assessment.refusal:
        yield f"{reviewed.tool} refuses this call, and no rule, grant or approval lifts that: {assessment.refusal}"
        yield "It would never run."
        return
    yield f"{reviewed.tool}: {assessment.risk} risk, effect {reviewed.effect}. {assessment.why_asked}".rstrip()
    yield _source(explanation, policy)
    if explanation.grant is not None:
        yield f"Grant {explanation.grant.id} covers it: {words_of(explanation.grant)}."
    yield _outcome(explanation.ruling, run, policy)
    if explanation.later is not None:
        outcome = _outcome(explanation.later, run, policy)
        yield f"Once the run has read the web, a file or the like, which this call could send out: {outcome}"


def _source(explanation: Explanation, policy: Policy) -> str:
    rule, risk = explanation.rule, explanation.reviewed.assessment.risk
    if rule is not None:
        because = f" ({rule.why})" if rule.why else ""
        return f"The rule at {rule.place} matches first: {rule.then}{because}."
    usual = policy.requirements.get(risk, Requirement.OTHER_APPROVER)
    rules = "No rule matches" if policy.rules else "There are no rules"
    return f"{rules}; for {risk} risk the settings say: {f'ask {usual}' if usual else 'ask nobody'}."


def _outcome(ruling: Ruling, run: Run, policy: Policy) -> str:
    match ruling.state:
        case CallState.READY if ruling.grant is not None:
            return "It would run at once, by that grant."
        case CallState.READY:
            return "It would run at once."
        case CallState.AWAITING_APPROVAL:
            return f"It would wait for {DECIDERS[ruling.requirement]}: {_deciders(ruling.requirement, run, policy)}."
        case _:
            return f"It would be refused: {ruling.denial.reason if ruling.denial else 'no reason is given'}"


def _deciders(requirement: Requirement, run: Run, policy: Policy) -> str:
    """Everybody by name who could say yes, the asker first."""
    known = [run.asked_by, *sorted(policy.roles.approvers, key=str)]
    named = [str(person) for person in known if policy.may_decide(requirement, run.asked_by, person)]
    return ", ".join([*dict.fromkeys(named), "or whoever sits at the machine"])
