"""The agent: what it is asked, what people decide, and how a run goes on. The first two write facts and run nothing."""

from enum import StrEnum

from msgspec import Struct

from runtime.charge import Charge
from runtime.errors import PeopleChanged
from runtime.facts import EventType, Fact
from runtime.grant_terms import EXACTLY, Terms, write_terms
from runtime.grants import grant_for, others_of, prefix_of, why_too_broad, without_secrets, words_of
from runtime.intents import recorded
from runtime.loop import Loop
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.policy import Policy
from runtime.ports import Clock
from runtime.proposals import Claimed, Intake, Received
from runtime.record_ports import Record
from runtime.records import (
    Approval,
    ApprovalId,
    ApprovalKind,
    Decision,
    Grant,
    GrantKind,
    GrantScope,
    Run,
    ToolCall,
    UserRef,
    Verdict,
)
from runtime.states import ApprovalStatus, RunStatus
from runtime.taint import taint_of
from runtime.worker import Worker

_VERDICTS = {
    ApprovalKind.PERMISSION: frozenset({Verdict.APPROVE, Verdict.DENY, Verdict.CHANGE}),
    ApprovalKind.OUTCOME: frozenset({Verdict.MARK_DONE, Verdict.MARK_FAILED, Verdict.RETRY}),
    ApprovalKind.QUESTION: frozenset({Verdict.ANSWER}),
}


class Outcome(StrEnum):
    DECIDED = "decided"
    ALREADY_DECIDED = "already_decided"
    EXPIRED = "expired"
    ASKED_AGAIN = "asked_again"
    NOT_ALLOWED = "not_allowed"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN = "unknown"


class Continuation(Struct, frozen=True, kw_only=True):
    """What became of a decision. `approval` is as it now stands, None where there is none of that number."""

    outcome: Outcome
    approval: Approval | None = None
    why: str = ""


class Agent:
    def __init__(
        self,
        *,
        record: Record,
        clock: Clock,
        policy: Policy,
        loop: Loop,
        worker: Worker,
        masker: Masker = NOTHING_OF_OURS,
    ) -> None:
        self._masker = masker
        self._record = record
        self._clock = clock
        self._policy = policy
        self._loop = loop
        self._worker = worker

    async def receive(self, intake: Intake) -> Received:
        """Record a message as a run. Receiving it twice is receiving it once; then `run` is None.

        Returns after the commit. Nothing is run here: a worker does that, at once where one is free.
        """
        with self._worker.place_for(intake.message.where.platform) as claim:
            received = await self._record.receive(intake, self._clock.now(), claim=claim)
            if received.run is not None and received.lease is not None:
                self._worker.take(Claimed(lease=received.lease, run=received.run))
        return received

    async def continue_after_approval(
        self, approval_id: ApprovalId, decision: Decision, *, run_id: int | None = None, terms: Terms = EXACTLY
    ) -> Continuation:
        """Check who decides, settle the approval, and wake its run. The first decision wins; a late one is told which.

        `run_id` names the run that the caller believes the approval belongs to. `terms` are those of a decision that grants:
        a broader one is not made before whoever decides has been told what it covers, and says that they are sure.
        """
        people_as_of = self._record.who_is_who.as_of
        approval = self._record.find_approval(approval_id)
        if approval is None:
            return Continuation(outcome=Outcome.UNKNOWN, why=f"There is no approval {approval_id}.")
        if run_id is not None and approval.run_id != run_id:
            why = f"Approval {approval_id} belongs to run {approval.run_id}, not to run {run_id}."
            return Continuation(outcome=Outcome.UNKNOWN, why=why)
        run = self._record.load_run(approval.run_id)
        call = run.find_call(approval.call_id)
        assert call is not None  # noqa: S101  the record's foreign keys hold it
        if not self._policy.may_decide(approval.requirement, run.asked_by, decision.by):
            await self._refuse(approval, call, decision, "not allowed")
            return Continuation(outcome=Outcome.NOT_ALLOWED, approval=approval)
        if decision.verdict not in _VERDICTS[approval.kind]:
            why = f"Approval {approval_id} does not ask that: it cannot be settled with “{decision.verdict}”."
            return Continuation(outcome=Outcome.NOT_POSSIBLE, approval=approval, why=why)
        if decision.verdict is Verdict.ANSWER and not decision.comment.strip():
            why = f"An answer needs words: `answer {approval_id}: …`. Nothing was decided."
            return Continuation(outcome=Outcome.NOT_POSSIBLE, approval=approval, why=why)
        grant, why = self._grant(run, call, decision, terms)
        if grant is not None and grant.kind is not GrantKind.EXACT and not terms.is_sure:
            again = f"always {approval_id} {write_terms(terms, grant.scope)}"
            allows = words_of(without_secrets(grant, self._masker))
            why = f"Nothing is decided yet. This would allow {allows}. To mean that, write: `{again}`"
            return Continuation(outcome=Outcome.NOT_POSSIBLE, approval=approval, why=why)
        if why and approval.status is ApprovalStatus.PENDING:
            await self._refuse(approval, call, decision, f"“always” is not possible: {why}")
            return Continuation(outcome=Outcome.NOT_POSSIBLE, approval=approval, why=why)
        try:
            with self._worker.place_for(run.where.platform) as claim:
                settled = await self._record.settle(
                    approval_id, decision, grant=grant, claim=claim, people_as_of=people_as_of
                )
                if settled.claimed is not None:
                    self._worker.take(settled.claimed)
        except PeopleChanged:  # whoever decides may have become the one who asked: look again
            return await self.continue_after_approval(approval_id, decision, run_id=run_id, terms=terms)
        if settled.won:
            return Continuation(outcome=Outcome.DECIDED, approval=settled.approval)
        late = Outcome.EXPIRED if settled.approval.status is ApprovalStatus.EXPIRED else Outcome.ALREADY_DECIDED
        return Continuation(outcome=late, approval=settled.approval)

    async def ask_again(self, approval_id: ApprovalId, by: UserRef, by_name: str, *, where: str) -> Continuation:
        """Ask anew for the calls of a run that expired. Whoever asked, or may decide, may ask again."""
        approval = self._record.find_approval(approval_id)
        if approval is None:
            return Continuation(outcome=Outcome.UNKNOWN, why=f"There is no approval {approval_id}.")
        run = self._record.load_run(approval.run_id)
        own = self._policy.roles.are_same(by, run.asked_by)
        if not own and not self._policy.may_decide(approval.requirement, run.asked_by, by):
            decision = Decision(verdict=Verdict.RETRY, by=by, by_name=by_name, at=self._clock.now(), where=where)
            call = run.find_call(approval.call_id)
            assert call is not None  # noqa: S101  the record's foreign keys hold it
            await self._refuse(approval, call, decision, "not allowed to ask again")
            return Continuation(outcome=Outcome.NOT_ALLOWED, approval=approval)
        now = self._clock.now()
        if await self._record.ask_again(run.id, now, by=by, expires_at=self._policy.expires(now)):
            return Continuation(outcome=Outcome.ASKED_AGAIN, approval=approval)
        status = self._record.load_run(run.id).status
        return Continuation(
            outcome=Outcome.NOT_POSSIBLE,
            approval=approval,
            why=f"Run {run.id} is {status}: there is nothing to ask again.",
        )

    async def cancel(self, run: Run, by: UserRef) -> RunStatus:
        """Stop a run; returns how it stood before. A running one stops as soon as its worker has cleaned up."""
        return await self._record.cancel(run.id, self._clock.now(), by=by)

    async def advance(self, charge: Charge) -> RunStatus:
        """Carry a leased run to an answer, a failure or a human, and say which. Raises LeaseLost."""
        return await self._loop.advance(charge)

    def _grant(self, run: Run, call: ToolCall, decision: Decision, terms: Terms) -> tuple[Grant | None, str]:
        """The grant that a decision makes, or why it cannot make it: then nothing is decided."""
        if decision.grant is None or decision.verdict is not Verdict.APPROVE:
            return None, ""
        prefix: tuple[str, ...] = ()
        if terms.kind is GrantKind.PREFIX:
            found = prefix_of(call.tool, call.arguments, terms.prefix)
            if isinstance(found, str):
                return None, found
            prefix = found
        grant = grant_for(
            run,
            tool=call.tool,
            version=call.version,
            digest=call.digest,
            shown=_shown(call, self._masker),
            scope=decision.grant,
            by=decision.by,
            at=decision.at,
            prefix=prefix,
            others=others_of(call.arguments) if prefix else {},
            terms=terms,
        )
        why = why_too_broad(grant)
        if not why and not self._policy.may_grant(decision.grant, run.asked_by, decision.by):
            why = _MAY_NOT_GRANT[decision.grant]
        if not why and not self._policy.spares(grant, recorded(call, run), run):
            why = self._why_it_would_still_ask(run, call)
        return (None, why) if why else (grant, "")

    def _why_it_would_still_ask(self, run: Run, call: ToolCall) -> str:
        if recorded(call, run).taint:
            taint = taint_of(run, before=call.id, mask=self._masker.mask)
            return f"{taint} It is asked each time: “always” would change nothing. Approve it this once."
        return f"A call of {call.risk} risk is asked each time: “always” would change nothing. Approve it this once."

    async def _refuse(self, approval: Approval, call: ToolCall, decision: Decision, why: str) -> None:
        body = {
            "approval": approval.id,
            "call": call.id,
            "digest": call.digest,
            "by": str(decision.by),
            "where": decision.where,
            "verdict": decision.verdict.value,
            "why": why,
        }
        await self._record.record_outside(approval.run_id, (Fact(EventType.APPROVAL_REFUSED, body),), self._clock.now())


_MAY_NOT_GRANT = {
    GrantScope.PERSON: "Only the requester or an approver can allow this for good.",
    GrantScope.CONVERSATION: "Only an approver can allow this for everybody here. Approve it this once, or for the requester.",
    GrantScope.WORKSPACE: "Only an administrator can allow this for the whole workspace. Approve it this once.",
}


def _shown(call: ToolCall, masker: Masker) -> str:
    """A call in a line, for the list of grants."""
    masked = masker.mask_value(call.arguments)
    arguments = ", ".join(f"{name}={str(value)[:80]!r}" for name, value in masked.items())
    return f"{call.tool}({arguments})"
